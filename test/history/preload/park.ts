import { subscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'

/**
 * Loaded into an instance before the program: a request with the header `x-park` waits that many milliseconds between its
 * handler and its answer, as a slow handler would.
 */
subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance }
  fastify.addHook('preSerialization', async (request, _reply, payload) => {
    const park = Number(request.headers['x-park'] ?? 0)
    if (park > 0) await new Promise((done) => setTimeout(done, park))
    return payload
  })
})
