import Fastify, { type FastifyInstance } from 'fastify'
import { Redis } from 'ioredis'
import { SignedIn } from '../../schemas/session.ts'
import { ANSWER } from './answer.ts'

/**
 * The yardstick: a route with a response schema and nothing else. With `REDIS_URL`, the least that asking Redis for every
 * request costs as it is usually done: one GET, which ioredis sends along with those of the same turn.
 */
export function bareApp(): FastifyInstance {
  const app = Fastify()
  const url = process.env['REDIS_URL']
  const redis = url === undefined ? null : new Redis(url, { enableAutoPipelining: true })
  app.get('/me', { schema: { response: { 200: SignedIn } } }, async () => {
    if (redis !== null) await redis.get('nobody')
    return ANSWER
  })
  return app
}
