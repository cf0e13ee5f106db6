import type { FastifyBaseLogger } from 'fastify'

type ChildLoggerOptions = Parameters<FastifyBaseLogger['child']>[1]
type Line = [object: object, message?: string]

/**
 * The logger of one request, with its id on every line. It becomes a real one when it first has something to say: most
 * requests log nothing, and making a child logger would be a tenth of their cost.
 */
export class RequestLog {
  readonly #parent: FastifyBaseLogger
  readonly #bindings: object
  readonly #options: ChildLoggerOptions | undefined
  #child: FastifyBaseLogger | undefined

  constructor(parent: FastifyBaseLogger, bindings: object, options?: ChildLoggerOptions) {
    this.#parent = parent
    this.#bindings = bindings
    this.#options = options
  }

  get #real(): FastifyBaseLogger {
    this.#child ??= this.#parent.child(this.#bindings as Record<string, unknown>, this.#options)
    return this.#child
  }

  get level(): string {
    return this.#parent.level
  }

  fatal(...line: Line): void {
    this.#real.fatal(...line)
  }

  error(...line: Line): void {
    this.#real.error(...line)
  }

  warn(...line: Line): void {
    this.#real.warn(...line)
  }

  info(...line: Line): void {
    this.#real.info(...line)
  }

  debug(...line: Line): void {
    this.#real.debug(...line)
  }

  trace(...line: Line): void {
    this.#real.trace(...line)
  }

  silent(): void {}

  child(bindings: Record<string, unknown>, options?: ChildLoggerOptions): FastifyBaseLogger {
    return this.#real.child(bindings, options)
  }
}
