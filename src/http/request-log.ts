import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'

type ChildLoggerOptions = Parameters<FastifyBaseLogger['child']>[1]
type Line = [object: object, message?: string]

/**
 * Has a request log to `parent`. Fastify has a place for this, but checks there for every request whether what it was given
 * is a logger, which takes 0.5 µs (docs/performance.md).
 */
export function giveLog(parent: FastifyBaseLogger, request: FastifyRequest, reply: FastifyReply): void {
  const log = new RequestLog(parent, request.id)
  request.log = log
  reply.log = log
}

/**
 * The logger of one request, with its id on every line. It becomes a real one when it first has something to say: most
 * requests log nothing, and making a child logger would be a tenth of their cost.
 */
export class RequestLog {
  readonly #parent: FastifyBaseLogger
  readonly #reqId: string
  #child: FastifyBaseLogger | undefined

  constructor(parent: FastifyBaseLogger, reqId: string) {
    this.#parent = parent
    this.#reqId = reqId
  }

  get #real(): FastifyBaseLogger {
    this.#child ??= this.#parent.child({ reqId: this.#reqId })
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
