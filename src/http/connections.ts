import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Notes of each connection of `server` what its requests need to know. */
export function followConnections(server: Server): void {
  server.on('connection', keepAddress)
  server.on('request', ({ socket }, response) => {
    socket[LATEST] = response
  })
}

/**
 * Keeps the address of the peer for as long as its requests are handled. Node.js forgets it when the peer resets the
 * connection, and a request that is under way would come from nowhere.
 */
function keepAddress(socket: Socket): void {
  const { remoteAddress } = socket
  if (remoteAddress === undefined)
    socket.destroy() // it was reset before we got it
  else Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress })
}

/** The response to the last request that came over a connection. A hook of a request sees that of the one before. */
export const LATEST = Symbol('latest response')

declare module 'node:net' {
  interface Socket {
    [LATEST]?: ServerResponse
  }
}
