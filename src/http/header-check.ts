import type { Server } from 'node:http'
import { duplexPair } from 'node:stream'
import { text } from 'node:stream/consumers'
import { SECURITY_HEADERS } from './headers.ts'

/**
 * Sends one request to `server`, without a network, and throws if the answer lacks a security header. So if a version of Node.js
 * or Fastify dropped the headers, the service would not start.
 */
export async function checkSecurityHeaders(server: Server): Promise<void> {
  const [client, connection] = duplexPair()
  server.emit('connection', Object.assign(connection, { remoteAddress: '127.0.0.1' }))
  client.end(REQUEST)
  const [head = ''] = (await text(client)).split('\r\n\r\n')
  const lines = new Set(head.split('\r\n').map((line) => line.toLowerCase()))
  const missing = Object.entries(SECURITY_HEADERS).filter(
    ([name, value]) => !lines.has(`${name}: ${value}`.toLowerCase()),
  )
  if (missing.length > 0)
    throw new Error(`answers lack security headers: ${missing.map(([name]) => name).join(', ')}`)
}

/** The path cannot be decoded, so that no route handles it and no metric counts it. */
const REQUEST = 'GET /%zz HTTP/1.1\r\nHost: oneseat\r\nConnection: close\r\n\r\n'
