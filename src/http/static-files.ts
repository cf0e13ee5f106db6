import { hash } from 'node:crypto'
import type { RouteShorthandOptions } from 'fastify'
import type { App } from './types.ts'

/** Bytes to serve, and their headers. */
type StaticFile = { bytes: Buffer; headers: Record<string, string> }

/**
 * Serves bytes that do not change while the program runs. All answers share them, so that a slow reader costs no memory. A client
 * that has them already gets 304 (RFC 9110 §13.1.2).
 */
export function serveStatic(
  app: App,
  url: string,
  options: RouteShorthandOptions,
  { bytes, headers }: StaticFile,
): void {
  const etag = `"${hash('sha256', bytes, 'base64url').slice(0, 22)}"`
  app.get(url, options, async (request, reply) => {
    reply.headers({ ...headers, etag })
    return isKnown(request.headers['if-none-match'], etag) ? reply.code(304).send() : reply.send(bytes)
  })
}

/** Whether the list names this ETag, weak or strong. */
function isKnown(list: string | undefined, etag: string): boolean {
  return (
    list?.split(',').some((each) => each.trim().replace(/^W\//, '') === etag || each.trim() === '*') ??
    false
  )
}
