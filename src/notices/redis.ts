import type { Redis } from 'ioredis'
import { Listeners } from './listeners.ts'
import type { Notices } from './notices.ts'

/** Notices to all instances over Redis Pub/Sub: one channel, one connection that only listens. */
export function redisNotices(redis: Redis, channel = 'oneseat:notices'): Notices {
  const listeners = new Listeners()
  const subscriber = redis.duplicate({ enableOfflineQueue: true, autoResubscribe: true })
  subscriber.on('error', () => {}) // the main connection reports what is wrong with Redis
  subscriber.on('message', (_channel, handle) => listeners.call(handle))
  subscriber.subscribe(channel).catch(() => {})

  return {
    publish: (handle) => {
      listeners.call(handle) // here without a detour; a second call is harmless
      redis.publish(channel, handle).catch(() => {})
    },
    subscribe: (handle, listener) => listeners.add(handle, listener),
    close: async () => subscriber.disconnect(),
  }
}
