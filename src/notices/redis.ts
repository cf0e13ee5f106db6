import { randomBytes } from 'node:crypto'
import { Cluster, type Redis } from 'ioredis'
import { stayConnected } from '../stores/stay-connected.ts'
import { localNotices } from './local.ts'
import type { Notices } from './notices.ts'

/** Notices to all instances with Redis Pub/Sub: one channel, and one connection that only listens. */
export function redisNotices(redis: Redis | Cluster, channel = 'oneseat:notices'): Notices {
  const local = localNotices()
  const subscriber = duplicate(redis)
  subscriber.on('error', () => {}) // the main connection reports errors of Redis
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
      local.publish(handle, text) // this instance gets it directly
      redis.publish(channel, `${instance} ${handle} ${text}`).catch(() => {})
    },
    close: async () => disconnect(),
  }
}

/**
 * Makes a separate connection. It subscribes whenever it is ready. The own way of ioredis is not used: if an ACL refuses it, the
 * rejection is not handled, and would end the process.
 */
function duplicate(redis: Redis | Cluster): Redis | Cluster {
  const patient = { enableOfflineQueue: true, autoResubscribe: false }
  return redis instanceof Cluster ? redis.duplicate([], patient) : redis.duplicate(patient)
}

/** A message: the sending instance, the handle, and a text. */
const MESSAGE = /^(\S+) (\S+) (.*)$/s
