import type { Logger } from 'pino'
import { beginLife } from './life.ts'
import type { Hello } from './messages.ts'

/** A worker, and those that come after it. */
export type Place = {
  /** The process that is here now. */
  pid(): number | undefined
  /** As of the worker that is here now. */
  ready(): Promise<Hello>
  /** From now on a worker that dies here is replaced; resolves after `stop`. */
  keep(): Promise<void>
  /** Nobody comes any more; resolves when the one who is here has ended, with whether it did so in order. */
  stop(): Promise<boolean>
  kill(): void
}

/** Starts a worker with `env` on top of our environment; `log` is told when it dies and when it is replaced. */
export function openPlace(env: Record<string, string>, log: Logger): Place {
  let life = beginLife(env)
  let empty = false
  let stopping = false

  return {
    pid: () => life.pid,
    ready: () => life.ready,
    async keep() {
      for (let pause = 0; ; ) {
        const { how, lived } = await life.ended
        if (stopping) return
        empty = true
        pause = nextPause(pause, lived)
        log.error({ event: 'worker_died', worker: life.pid, how, pause }, 'a worker died')
        await new Promise((done) => setTimeout(done, pause))
        if (stopping) return
        life = beginLife(env)
        empty = false
        tellOf(life)
      }
    },
    async stop() {
      stopping = true
      return empty || life.stop()
    },
    kill: () => life.kill(),
  }

  function tellOf({ pid, ready }: typeof life): void {
    ready.then(
      () => log.info({ event: 'worker_replaced', worker: pid }, 'another worker serves in its place'),
      ({ message }) => log.error({ event: 'worker_failed', worker: pid, reason: message }, 'it cannot'),
    )
  }
}

/**
 * How long to wait before a worker is replaced that lived for `lived`: twice as long as the last time, unless it had lived
 * for a minute. All in milliseconds.
 */
export function nextPause(last: number, lived: number): number {
  return lived >= STEADY ? SHORTEST : Math.max(SHORTEST, Math.min(last * 2, LONGEST))
}

const STEADY = 60_000
const SHORTEST = 100
const LONGEST = 10_000
