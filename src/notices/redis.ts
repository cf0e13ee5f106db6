import { Cluster, type Redis } from 'ioredis'
import { stayConnected } from '../stores/stay-connected.ts'
import { Listeners } from './listeners.ts'
import type { Notices } from './notices.ts'

/** Notices to all instances over Redis Pub/Sub: one channel, one connection that only listens. */
export function redisNotices(redis: Redis | Cluster, channel = 'oneseat:notices'): Notices {
  const listeners = new Listeners()
  const subscriber = duplicate(redis)
  subscriber.on('error', () => {}) // the main connection reports what is wrong with Redis
  subscriber.on('message', (_channel, handle) => listeners.call(handle))
  subscriber.on('ready', () => void subscriber.subscribe(channel).catch(() => {}))
  const disconnect = stayConnected(subscriber)

  return {
    publish: (handle) => {
      listeners.call(handle) // here without a detour; a second call is harmless
      redis.publish(channel, handle).catch(() => {})
    },
    subscribe: (handle, listener) => listeners.add(handle, listener),
    close: async () => disconnect(),
  }
}

/**
 * A connection of its own. It subscribes whenever it is ready, and not by ioredis' own means: a refusal of those, by an ACL
 * that was changed meanwhile, is a rejection that nobody handles, and would end the process.
 */
function duplicate(redis: Redis | Cluster): Redis | Cluster {
  const patient = { enableOfflineQueue: true, autoResubscribe: false }
  return redis instanceof Cluster ? redis.duplicate([], patient) : redis.duplicate(patient)
}
