import type { Redis } from 'ioredis'
import { storeUnavailable } from '../errors.ts'

/** What is known of the Redis server behind a connection. */
export type RedisServer = {
  /** The server's clock, milliseconds since 1970. */
  now(): number
  /** Which process and which history answers; throws `store_unavailable` while that is not known. */
  incarnation(): string
  stop(): void
}

/**
 * Follows which server answers and what time it has. The clock is Redis `TIME` plus what the monotonic clock counted
 * since, so that an instance whose wall clock is wrong or is set still agrees with the others.
 */
export function followServer(redis: Redis): RedisServer {
  let incarnation: string | null = null
  let offset: number | null = null
  const onReady = () => void meet()
  const onClose = () => {
    incarnation = null
  }
  const timer = setInterval(() => void readClock().catch(() => {}), CLOCK_INTERVAL)
  timer.unref()
  redis.on('ready', onReady)
  redis.on('close', onClose)
  if (redis.status === 'ready') onReady()

  return {
    now() {
      if (offset === null) throw storeUnavailable()
      return Math.round(performance.now() + offset)
    },
    incarnation() {
      if (incarnation === null || redis.status !== 'ready') throw storeUnavailable()
      return incarnation
    },
    stop() {
      clearInterval(timer)
      redis.off('ready', onReady)
      redis.off('close', onClose)
    },
  }

  async function meet(): Promise<void> {
    try {
      await readClock()
      const info = await redis.info() // one reply, so that both names are of one server
      if (redis.status === 'ready') incarnation = nameIncarnation(info)
    } catch {
      // Without its name the server is not trusted: have ioredis connect, and us ask, again.
      redis.disconnect(true)
    }
  }

  async function readClock(): Promise<void> {
    const before = performance.now()
    const [seconds, micros] = await redis.time()
    offset = Number(seconds) * 1000 + Number(micros) / 1000 - (before + performance.now()) / 2
  }
}

/**
 * The process (`run_id`) and its history (`master_replid`, which a restart and a promotion change): a master that was
 * demoted, resynchronised and promoted again has the first in common with its former self, but not the second.
 */
function nameIncarnation(info: string): string {
  const runId = /^run_id:(\w+)/m.exec(info)?.[1]
  const history = /^master_replid:(\w+)/m.exec(info)?.[1]
  if (runId === undefined || history === undefined) throw storeUnavailable()
  return runId.slice(0, 12) + history.slice(0, 12)
}

/** How often the server's clock is read again, milliseconds. */
const CLOCK_INTERVAL = 10_000
