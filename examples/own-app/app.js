// An app with its own users, each of whom is signed in on one device at a time.
//
//   npm install && SESSION_SECRET=$(openssl rand -base64 32) npm start

import Fastify from 'fastify'
import { oneseat, oneseatRoutes } from 'oneseat'
import { openUsers } from './users.js'

const { PORT = '3000', SESSION_SECRET } = process.env
const users = openUsers('./users.db')

const app = Fastify({ logger: true })
await app.register(oneseat, { secrets: [SESSION_SECRET], database: 'file:./seats.db' })

app.post('/register', async (request, reply) => reply.code(201).send(await users.add(request.body)))

app.post('/login', async (request, reply) => {
  const user = await users.verify(request.body)
  if (user === null) return reply.code(401).send({ error: 'the name or the password is wrong' })
  return reply.signIn({ id: user.id, roles: user.roles }, { device: request.body.device })
})

app.post('/logout', (_request, reply) => reply.signOut())

app.get('/orders', { preHandler: app.requireSession }, async (request) => ({
  orders: users.ordersOf(request.principal.user.id),
}))

app.get('/reports', { preHandler: app.requireRole('admin') }, async () => ({ reports: [] }))

// Adds /account/me/sessions (the devices of a user), /account/me/events (an event when one is signed out) and more.
await app.register(oneseatRoutes, { prefix: '/account' })

await app.listen({ port: Number(PORT) })
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close())
