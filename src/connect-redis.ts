import fastifyRedis from '@fastify/redis'
import { Redis, type RedisOptions } from 'ioredis'
import type { App } from './http/types.ts'

/**
 * Connects to Redis through `@fastify/redis` and keeps trying for as long as the service runs. The plugin waits until
 * Redis is there; we wait a second at most, because the routes that need no session work without it.
 */
export async function connectRedis(app: App, url: string): Promise<Redis> {
  const client = new Redis(url, OPTIONS)
  client.on('error', (error) =>
    app.log.warn({ err: error, event: 'redis_error' }, 'Redis connection failed'),
  )
  const connected = new Promise<void>((done) => fastifyRedis(app, { client }, () => done()))
  await Promise.race([connected, new Promise((done) => setTimeout(done, START_WAIT).unref())])
  app.addHook('onClose', async () => client.disconnect())
  return client
}

/** Every command is answered or refused soon, runs at most once, and never waits for a connection to come back. */
const OPTIONS = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 1_000,
  commandTimeout: 1_000,
  retryStrategy: (attempt: number) => Math.min(50 * 2 ** attempt, 1_000),
} satisfies RedisOptions

const START_WAIT = 1_000
