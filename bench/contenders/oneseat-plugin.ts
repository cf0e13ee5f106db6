import { Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import { Session } from '../../schemas/session.ts'
import { oneseat } from '../../src/index.ts'
import { SECRET } from '../crowd.ts'
import { announce, cookieOf, signInAll } from './answer.ts'

/** The plugin `oneseat` in an app of one's own: what the guard knows is the answer. */
const User = Type.Object({ id: Type.String(), roles: Type.Array(Type.String()), data: Type.Null() })
const Answer = Type.Object({ user: User, session: Session })
const redis = process.env['REDIS_URL']
const app = Fastify()
await app.register(oneseat, {
  secrets: [SECRET],
  database: String(process.env['DATABASE_URL']),
  ...(redis !== undefined && { redis }),
})
let count = 0
app.post('/login', (_request, reply) => reply.signIn({ id: `user-${count++}` }, { device: 'laptop' }))
app.get(
  '/me',
  { schema: { response: { 200: Answer } }, preHandler: app.requireSession },
  async (request) => request.principal,
)
const url = await app.listen({ port: 0, host: '127.0.0.1' })
const signIn = async () => cookieOf(await fetch(`${url}/login`, { method: 'POST' }))
announce(`${url}/me`, await signInAll(signIn))
