import cluster from 'node:cluster'
import Fastify from 'fastify'
import { SignedIn } from '../../schemas/session.ts'
import { ANSWER, announce, settle } from './answer.ts'

/** The yardstick in several processes: a route with a response schema and nothing else, under node:cluster. */
const workers = Number(process.env['WORKERS'])
if (workers > 1 && cluster.isPrimary) {
  const all = Array.from({ length: workers }, () => cluster.fork())
  const [place] = await Promise.all(
    all.map((worker) => new Promise<{ port: number }>((done) => worker.once('listening', done))),
  )
  announce(`http://127.0.0.1:${place?.port}/me`)
} else {
  const app = Fastify()
  app.get('/me', { schema: { response: { 200: SignedIn } } }, async () => ANSWER)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  if (cluster.isPrimary) announce(`${url}/me`)
  else settle()
}
