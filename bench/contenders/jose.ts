import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import { generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { SignedIn } from '../../schemas/session.ts'
import { ANSWER, announce, signInAll } from './answer.ts'

/** A Fastify route that verifies an EdDSA JWT of a cookie with `jose`: no store, and so no way to end a session. */
const { publicKey, privateKey } = await generateKeyPair('EdDSA')
const app = Fastify()
await app.register(cookie)
app.get('/me', { schema: { response: { 200: SignedIn } } }, async (request) => {
  const { payload } = await jwtVerify(request.cookies['token'] ?? '', publicKey)
  return payload
})
const url = await app.listen({ port: 0, host: '127.0.0.1' })
let count = 0
const signIn = async () => {
  const user = { ...ANSWER.user, id: `user-${count++}` }
  const token = new SignJWT({ ...ANSWER, user })
    .setProtectedHeader({ alg: 'EdDSA' })
    .setExpirationTime('30m')
  return `token=${await token.sign(privateKey)}`
}
announce(`${url}/me`, await signInAll(signIn))
