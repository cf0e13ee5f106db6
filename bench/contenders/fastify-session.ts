import cookie from '@fastify/cookie'
import session from '@fastify/session'
import { RedisStore } from 'connect-redis'
import Fastify from 'fastify'
import { createClient } from 'redis'
import { SignedIn } from '../../schemas/session.ts'
import { ANSWER, announce, cookieOf, IDLE_TIMEOUT, signInAll } from './answer.ts'

declare module 'fastify' {
  interface Session {
    signedIn?: typeof ANSWER
  }
}

/** `@fastify/session` with a Redis store, as its README sets it up; with ROLLING=false it writes less. */
const client = await createClient({ url: process.env['REDIS_URL'] as string }).connect()
const app = Fastify()
await app.register(cookie)
await app.register(session, {
  secret: 'a secret that is long enough for the bench',
  cookie: { secure: false, maxAge: IDLE_TIMEOUT },
  rolling: process.env['ROLLING'] !== 'false',
  saveUninitialized: false,
  store: new RedisStore({ client }),
})
app.post('/login', async (request) => {
  await request.session.regenerate()
  request.session.signedIn = ANSWER
  return 'ok'
})
app.get('/me', { schema: { response: { 200: SignedIn } } }, async (request, reply) => {
  return request.session.signedIn ?? reply.code(401).send()
})
const url = await app.listen({ port: 0, host: '127.0.0.1' })
const signIn = async () => cookieOf(await fetch(`${url}/login`, { method: 'POST' }))
announce(`${url}/me`, await signInAll(signIn))
