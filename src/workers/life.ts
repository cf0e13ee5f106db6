import cluster, { type Worker } from 'node:cluster'
import { StartFailure } from '../start-failure.ts'
import { type Hello, type Message, tellWorker } from './messages.ts'

/** Exit code, signal, or why there never was a process; and how long it lived, in milliseconds. */
export type End = { how: number | string; lived: number }

/** One worker, from its start to its end, as the primary process sees it. */
export type Life = {
  pid: number | undefined
  /** Resolves when it serves, and rejects with a `StartFailure` if it ends before without being stopped. */
  ready: Promise<Hello>
  ended: Promise<End>
  /** Has it finish what is under way; true if it did, in order. One that does not serve yet has nothing to finish. */
  stop(): Promise<boolean>
  kill(): void
}

/** Starts a worker: the same program again, with `env` on top of our environment. */
export function beginLife(env: Record<string, string>): Life {
  const worker = fork(env)
  if (worker instanceof Error) return stillborn(worker.message)
  const born = performance.now()
  let serves = false
  let stopped = false

  const ended = new Promise<End>((done) => {
    const end = (how: number | string) => done({ how, lived: performance.now() - born })
    worker.once('exit', (code, signal) => end(signal || code))
    worker.on('error', ({ message }: Error) => {
      if (worker.process.pid !== undefined) return // a message that came too late, and the exit is told
      delete cluster.workers?.[worker.id] // Node would keep it for ever
      end(message)
    })
  })
  const ready = new Promise<Hello>((done, fail) => {
    worker.on('message', (message: Message) => {
      if (message.oneseat === 'ready') {
        serves = true
        done(message)
      }
      if (message.oneseat === 'failed') fail(new StartFailure(message.reason))
    })
    void ended.then(({ how }) => {
      if (!stopped) fail(neverServed(how))
    })
  })
  ready.catch(() => {}) // whoever does not wait for it sees the end

  const kill = () => void worker.process.kill('SIGKILL')
  return {
    pid: worker.process.pid,
    ready,
    ended,
    async stop() {
      stopped = true
      if (serves) tellWorker(worker, { oneseat: 'stop' })
      else kill()
      const { how } = await ended
      return how === 0 || !serves
    },
    kill,
  }
}

/** Node throws for some of what the system may have against another process, and tells of the rest later. */
function fork(env: Record<string, string>): Worker | Error {
  try {
    return cluster.fork(env)
  } catch (error) {
    return error as Error
  }
}

/** There never was a process. */
function stillborn(how: string): Life {
  const ready = Promise.reject(neverServed(how))
  ready.catch(() => {})
  return {
    pid: undefined,
    ready,
    ended: Promise.resolve({ how, lived: 0 }),
    stop: async () => true,
    kill: () => {},
  }
}

function neverServed(how: End['how']): StartFailure {
  return new StartFailure(`a worker ended with ${how} before it served`)
}
