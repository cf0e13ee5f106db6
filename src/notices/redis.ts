import { randomBytes } from 'node:crypto'
import { Cluster, type Redis } from 'ioredis'
import { stayConnected } from '../stores/stay-connected.ts'
import { localNotices } from './local.ts'
import type { Notices } from './notices.ts'

/** Notices to all instances over Redis Pub/Sub: one channel, one connection that only listens. */
export function redisNotices(redis: Redis | Cluster, channel = 'oneseat:notices'): Notices {
  const local = localNotices()
  const subscriber = duplicate(redis)
  subscriber.on('error', () => {}) // the main connection reports what is wrong with Redis
  const instance = randomBytes(6).toString('base64url')
  subscriber.on('message', (_channel, message) => {
    const [, from, handle = '', text] = MESSAGE.exec(message) ?? []
    if (from !== instance) local.publish(handle, text)
  })
  subscriber.on('ready', () => void subscriber.subscribe(channel).catch(() => {}))
  const disconnect = stayConnected(subscriber)

  return {
    ...local,
    publish: (handle, text = '') => {
      local.publish(handle, text) // here without a detour
      redis.publish(channel, `${instance} ${handle} ${text}`).catch(() => {})
    },
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

/** Which instance it is from, about whom, and a text. */
const MESSAGE = /^(\S+) (\S+) (.*)$/s
