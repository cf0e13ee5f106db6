import cookie from '@fastify/cookie'
import jwt from '@fastify/jwt'
import Fastify from 'fastify'
import { SignedIn } from '../../schemas/session.ts'
import { ANSWER, announce, signInAll } from './answer.ts'

/** `@fastify/jwt` with HS256 and a cookie, as its README sets it up: no store, and so no way to end a session. */
const app = Fastify()
await app.register(cookie)
await app.register(jwt, {
  secret: 'a secret that is long enough for the bench',
  cookie: { cookieName: 'token', signed: false },
})
app.get(
  '/me',
  {
    schema: { response: { 200: SignedIn } },
    onRequest: async (request) => {
      await request.jwtVerify({ onlyCookie: true })
    },
  },
  async (request) => request.user,
)
const url = await app.listen({ port: 0, host: '127.0.0.1' })
let count = 0
const signIn = async () => {
  const user = { ...ANSWER.user, id: `user-${count++}` }
  return `token=${app.jwt.sign({ ...ANSWER, user }, { expiresIn: '30m' })}`
}
announce(`${url}/me`, await signInAll(signIn))
