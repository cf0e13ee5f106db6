import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Remembers for each connection of `server` what its requests need. */
export function followConnections(server: Server): void {
  server.on('connection', keepAddress)
  server.on('request', ({ socket }, response) => {
    socket[LATEST] = response
  })
}

/**
 * Keeps the address of the peer while its requests are handled. Node.js forgets it when the peer resets the connection, and a
 * request under way would have no address.
 */
function keepAddress(socket: Socket): void {
  const { remoteAddress } = socket
  if (remoteAddress === undefined)
    socket.destroy() // it was reset before we got it
  else Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress })
}

/**
 * The response to the latest request of a connection. In a hook of a request this is still the response to the request before.
 */
export const LATEST = Symbol('latest response')

declare module 'node:net' {
  interface Socket {
    [LATEST]?: ServerResponse
  }
}
