import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import { LATEST } from './connections.ts'
import type { App } from './types.ts'

/**
 * Limits how many requests of one connection may wait for their answers, and ends a connection with more. Node.js starts all
 * requests that arrive together, and keeps them and their answers in memory until the client reads.
 */
export function boundPipelining(app: App): void {
  app.addHook('onRequest', function boundPipelining(request, reply, done) {
    const { socket } = request.raw
    if (countWaiting(socket, reply) > PIPELINED) socket.destroy()
    if (socket.destroyed)
      reply.hijack() // nobody is there to get an answer
    else done()
  })
}

/** How many requests of the connection wait behind another one. Almost always there is none, and then nothing is counted. */
function countWaiting(socket: Socket, reply: FastifyReply): number {
  const before = socket[LATEST]
  if (before === undefined || before.writableFinished) return 0
  const waiting = (socket[WAITING] ?? 0) + 1
  socket[WAITING] = waiting
  reply.raw.once('close', () => {
    socket[WAITING] = (socket[WAITING] ?? 0) - 1
  })
  return waiting
}

/** Programs that pipeline send some ten at once, load tests some hundred; browsers and proxies send one. */
const PIPELINED = 512

const WAITING = Symbol('requests that wait')

declare module 'node:net' {
  interface Socket {
    [WAITING]?: number
  }
}
