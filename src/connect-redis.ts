import fastifyRedis from '@fastify/redis'
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { App } from './http/types.ts'
import type { RedisPlace } from './redis-url.ts'
import { stayConnected } from './stay-connected.ts'

/**
 * Connects to Redis through `@fastify/redis` and keeps trying for as long as the service runs. The plugin waits until
 * Redis is there; we wait a second at most, because the routes that need no session work without it.
 */
export async function connectRedis(app: App, place: RedisPlace): Promise<Redis | Cluster> {
  const client = openClient(place)
  const connected = new Promise<void>((done) => fastifyRedis(app, { client }, () => done()))
  // The plugin would close the client for good over a name that does not resolve or a password that is refused.
  client.removeAllListeners('end')
  client.removeAllListeners('error')
  client.on('error', ({ message }) =>
    // The message alone: the error of a refused AUTH carries the command, and so the password.
    app.log.warn({ event: 'redis_error', reason: message }, 'Redis connection failed'),
  )
  const disconnect = stayConnected(client)
  await Promise.race([connected, new Promise((done) => setTimeout(done, START_WAIT).unref())])
  app.addHook('onClose', async () => disconnect())
  return client
}

function openClient({ kind, hosts, tls, username, password, db, master }: RedisPlace): Redis | Cluster {
  const options = {
    ...LIMITS,
    db,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  }
  if (kind === 'cluster') {
    return new Cluster([...hosts], {
      enableOfflineQueue: false,
      scaleReads: 'master',
      // 0: a command whose connection broke may have run, so it is never sent again; a MOVED one has not, and is.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      slotsRefreshTimeout: 1_000,
      slotsRefreshInterval: 1_000,
      clusterRetryStrategy: RETRY,
      redisOptions: options,
    })
  }
  if (kind === 'sentinel') {
    return new Redis({
      ...options,
      name: master,
      sentinels: [...hosts],
      sentinelCommandTimeout: 1_000,
      sentinelRetryStrategy: RETRY,
      failoverDetector: true,
      ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    })
  }
  return new Redis({ ...options, ...hosts[0] })
}

const RETRY = (attempt: number) => Math.min(50 * 2 ** attempt, 1_000)

/**
 * Every command is answered or refused soon, runs at most once, and never waits for a connection to come back. One that
 * is silent is closed, and a server that says it is no master is left: then we find out anew who is.
 */
const LIMITS = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 1_000,
  commandTimeout: 1_000,
  socketTimeout: 1_500,
  retryStrategy: RETRY,
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions

const START_WAIT = 1_000
