import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import { overloaded } from '../errors.ts'
import { LATEST } from './connections.ts'
import type { App } from './types.ts'

/**
 * Bounds the requests of one connection that wait for their answers. Node.js starts all that arrive together, over a thousand,
 * and keeps their answers in memory until the client reads them. The first request that is too many is refused and ends the
 * connection; what came after it is dropped.
 */
export function boundPipelining(app: App): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { socket } = request.raw
    const before = socket[LATEST]
    if (before === undefined || before.writableFinished) return done() // as almost always, and then nothing is counted
    const waiting = countWaiting(socket, reply)
    if (waiting <= PIPELINED) return done()
    if (waiting === NO_MORE) return void reply.hijack()
    socket[WAITING] = NO_MORE
    reply.header('connection', 'close')
    done(overloaded())
  })
}

/** How many requests of the connection wait behind another, this one included. */
function countWaiting(socket: Socket, reply: FastifyReply): number {
  const waiting = (socket[WAITING] ?? 0) + 1
  socket[WAITING] = waiting
  reply.raw.once('close', () => {
    socket[WAITING] = (socket[WAITING] ?? 0) - 1
  })
  return waiting
}

/** Programs that pipeline send ten or twenty at once; browsers and proxies send none. */
const PIPELINED = 100
const NO_MORE = Number.POSITIVE_INFINITY

const WAITING = Symbol('requests that wait')

declare module 'node:net' {
  interface Socket {
    [WAITING]?: number
  }
}
