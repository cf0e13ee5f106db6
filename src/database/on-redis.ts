import fastifyRedis from '@fastify/redis'
import { Cluster, type Redis } from 'ioredis'
import type { App } from '../http/types.ts'
import type { Notices } from '../notices/notices.ts'
import { redisNotices } from '../notices/redis.ts'
import type { SessionStore } from '../sessions/store.ts'
import type { RedisPlace } from '../settings/redis-url.ts'
import { tellNodeErrors } from '../stores/cluster-errors.ts'
import { redisStore } from '../stores/redis.ts'
import { openRedis } from '../stores/redis-connection.ts'
import { stayConnected } from '../stores/stay-connected.ts'
import type { Counters } from '../throttle/counters.ts'
import type { Insurance } from '../throttle/insurance.ts'
import { redisCounters } from '../throttle/redis.ts'

/** The engines for sessions, notices and counters: Redis if it is set, otherwise the database. */
export type SeatEngines = { store: SessionStore; notices: Notices; counters: Counters }

/** Sessions, notices and counters in Redis. */
export async function openOnRedis(
  app: App,
  place: RedisPlace,
  insurance: Insurance,
): Promise<SeatEngines> {
  const redis = await connectRedis(app, place)
  return {
    store: redisStore(redis),
    notices: redisNotices(redis),
    counters: redisCounters(redis, insurance),
  }
}

/**
 * Connects to Redis with `@fastify/redis`, and keeps trying while the service runs. The plugin would wait until Redis answers; we
 * wait a second at most, because routes without sessions work without it.
 */
export async function connectRedis(app: App, place: RedisPlace): Promise<Redis | Cluster> {
  const client = openRedis(place)
  const connected = new Promise<void>((done) => fastifyRedis(app, { client }, () => done()))
  // The plugin would close the client for good if a name does not resolve or a password is refused.
  client.removeAllListeners('end')
  client.removeAllListeners('error')
  client.on('error', ({ message }) => warn({ reason: message }))
  if (client instanceof Cluster) tellNodeErrors(client, place, warn)
  const disconnect = stayConnected(client)
  await Promise.race([connected, new Promise((done) => setTimeout(done, START_WAIT).unref())])
  app.addHook('onClose', async () => disconnect())
  return client

  /** Logs only messages: the error of a refused AUTH contains the command with the password. */
  function warn(about: { reason: string; node?: string }): void {
    app.log.warn({ event: 'redis_error', ...about }, 'Redis connection failed')
  }
}

const START_WAIT = 1_000
