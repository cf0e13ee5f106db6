import cluster from 'node:cluster'
import { announce, settle } from './answer.ts'
import { bareApp } from './bare-app.ts'

/** The yardstick in several processes, under node:cluster. */
const workers = Number(process.env['WORKERS'])
if (workers > 1 && cluster.isPrimary) {
  const all = Array.from({ length: workers }, () => cluster.fork())
  const [place] = await Promise.all(
    all.map((worker) => new Promise<{ port: number }>((done) => worker.once('listening', done))),
  )
  announce(`http://127.0.0.1:${place?.port}/me`)
} else {
  const url = await bareApp().listen({ port: 0, host: '127.0.0.1' })
  if (cluster.isPrimary) announce(`${url}/me`)
  else settle()
}
