import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { invalidRequest, Refusal } from '../errors.ts'
import type { App } from './types.ts'

/** The largest body in bytes, unless a route sets another limit. */
export const BODY_LIMIT = 8 * 1024
const TARGET_LIMIT = 2048
const HEADERS_LIMIT = 100

/**
 * Refuses requests that a proxy may read differently than we do: targets that are not a path, headers given twice or too many
 * headers, and bodies that are compressed or not JSON in UTF-8.
 */
export function refuseOddRequests(app: App): void {
  app.addHook('onRequest', function refuseOddHead(request, reply, done) {
    const target = request.raw.url ?? ''
    // A target has no fragment (RFC 9112 §3.2): a proxy rule for `/metrics` would not match `/metrics#`.
    if (!target.startsWith('/') || target.includes('#'))
      throw invalidRequest([{ path: '/target', message: 'must be a path' }])
    if (target.length > TARGET_LIMIT && !request.routeOptions.config.asksForAnother)
      throw new Refusal('uri_too_long')
    refuseOddHeaders(request.raw)
    if (Number(request.headers['content-length']) > request.routeOptions.bodyLimit) {
      reply.header('connection', 'close') // the body is not read
      throw new Refusal('body_too_large')
    }
    done()
  })
  app.addHook('preParsing', function refuseOddType(request, _reply, payload, done) {
    refuseOddBody(request)
    done(null, payload)
  })
}

function refuseOddHeaders({ rawHeaders, headers, httpVersion }: IncomingMessage): void {
  if (rawHeaders.length > 2 * HEADERS_LIMIT) throw new Refusal('headers_too_large')
  if (Object.keys(headers).length < rawHeaders.length / 2) refuseTwice(rawHeaders)
  const { host } = headers
  // HTTP/1.0 has no Host (RFC 9112 §3.2), and some load balancers still use it for health checks.
  if (host === undefined ? httpVersion !== '1.0' : !HOST.test(host))
    throw invalidRequest([
      { path: '/headers/host', message: host === undefined ? 'is missing' : 'is no host' },
    ])
}

/**
 * `rawHeaders` is name, value, name, value. Node.js would keep the first of two headers and drop the other without an error. Only
 * `Cookie` may come several times: HTTP/2 splits it (RFC 9113 §8.2.3), not every proxy joins it again, and Node.js does.
 */
function refuseTwice(rawHeaders: readonly string[]): void {
  const seen = new Set<string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase() ?? ''
    if (SINGLE.has(name) && seen.has(name))
      throw invalidRequest([{ path: `/headers/${name}`, message: 'is given twice' }])
    seen.add(name)
  }
}

/**
 * Checks the type also if the body is empty, and the body also if the route takes none. A form on a page of another site always
 * names one of three other types, so no form gets past this.
 */
function refuseOddBody({ method, headers, routeOptions }: FastifyRequest): void {
  // The body of these requests is not read. And a proxy that asks `/verify` about a request may pass on its headers.
  if (method === 'GET' || method === 'HEAD' || routeOptions.config.asksForAnother) return
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Refusal('unsupported_media_type', { headers: { 'accept-encoding': 'identity' } })
  }
  const type = headers['content-type']
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
  if (type === undefined ? hasBody : !isJson(type)) {
    throw new Refusal('unsupported_media_type', { headers: { accept: 'application/json' } })
  }
}

/** `application/json`, with no parameter but `charset=utf-8`. */
function isJson(contentType: string): boolean {
  if (contentType.length > 128) return false
  const [type, ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  return type === 'application/json' && parameters.every((parameter) => PARAMETERS.has(parameter))
}

/** No character that ends a host in a URL (RFC 3986 §3.2), so that no proxy reads another host. */
const HOST = /^[^\s/?#@\\,]*$/
/** Headers that decide what a request means and who sent it. Each may come only once. */
const SINGLE: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'origin',
  'transfer-encoding',
])
const PARAMETERS: ReadonlySet<string> = new Set(['', 'charset=utf-8', 'charset="utf-8"'])
