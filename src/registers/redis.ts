import type { Redis } from 'ioredis'
import { storeUnavailable } from '../errors.ts'
import type { Register } from '../sessions/register.ts'
import { batchReads } from './batched-reads.ts'
import { followServer } from './redis-server.ts'

/**
 * Sessions in Redis or Valkey: one string per user under one key, so that nothing of a user can be evicted, moved or
 * rolled back apart from the rest. Needs 6.2 or later (`PXAT`).
 */
export function redisRegister(redis: Redis, prefix = 'oneseat:'): Register {
  const server = followServer(redis)

  return {
    read: batchReads((handles) => tried(redis.mget(handles.map((handle) => prefix + handle)))),
    swap: async (handle, expected, next, keepUntil) => {
      const result = await tried(
        redis.eval(SWAP, 1, prefix + handle, expected ?? '', next, Math.ceil(keepUntil)),
      )
      return result === 1
    },
    now: server.now,
    incarnation: server.incarnation,
    ping: async () => {
      server.incarnation()
      await tried(redis.ping())
    },
    close: async () => server.stop(),
  }
}

/** No value is ever the empty string, so it can stand for "there is none". */
const SWAP = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
return 1`

async function tried<T>(reply: Promise<T>): Promise<T> {
  try {
    return await reply
  } catch (error) {
    throw storeUnavailable(error)
  }
}
