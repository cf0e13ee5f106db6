import Fastify from 'fastify'
import { SignedIn } from '../../schemas/session.ts'
import { ANSWER, announce } from './answer.ts'

/** The yardstick: a route with a response schema and nothing else. */
const app = Fastify()
app.get('/me', { schema: { response: { 200: SignedIn } } }, async () => ANSWER)
announce(`${await app.listen({ port: 0, host: '127.0.0.1' })}/me`)
