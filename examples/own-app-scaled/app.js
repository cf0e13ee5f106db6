// One instance of an app that runs several times behind a proxy, with login numbers and users in PostgreSQL and sessions in
// Redis. Any instance serves any request, and a device that one instance signs out is refused by all at once.
//
//   DATABASE_URL=postgres://… REDIS_URL=redis://… SESSION_SECRET=… PORT=3001 npm start

import Fastify from 'fastify'
import { Redis } from 'ioredis'
import { oneseat, oneseatRoutes } from 'oneseat'
import pg from 'pg'

const { PORT = '3000', DATABASE_URL, REDIS_URL, SESSION_SECRET } = process.env

// The app uses both itself. It opened them, so it closes them.
const pool = new pg.Pool({ connectionString: DATABASE_URL })
const redis = new Redis(REDIS_URL)
await pool.query('CREATE TABLE IF NOT EXISTS users (id text PRIMARY KEY, roles text[] NOT NULL)')

const app = Fastify({ logger: true, trustProxy: '127.0.0.1' })
app.addHook('onClose', async () => {
  await pool.end()
  redis.disconnect()
})
await app.register(oneseat, {
  secrets: [SESSION_SECRET], // the same for every instance
  database: pool,
  redis,
  sessionLimitByRole: { admin: 2 },
})
app.sessions.on('ended', (event) => app.log.info(event, 'a session ended, on this instance or another'))

app.post('/login', async (request, reply) => {
  const { id, device } = request.body // a real app checks a password here
  const { rows } = await pool.query('SELECT id, roles FROM users WHERE id = $1', [id])
  if (rows[0] === undefined) return reply.code(401).send({ error: 'there is no such user' })
  return reply.signIn(rows[0], { device })
})

await app.register(oneseatRoutes)

await app.listen({ port: Number(PORT) })
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
