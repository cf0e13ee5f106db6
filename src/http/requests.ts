import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { invalidRequest, Refusal } from '../errors.ts'
import type { App } from './types.ts'

/** The largest body of any call that does not say otherwise, bytes. */
export const BODY_LIMIT = 8 * 1024
const TARGET_LIMIT = 2048
const HEADERS_LIMIT = 100

/**
 * Refuses requests that another program on the way may read differently than we do: other forms of the target than a path,
 * headers given twice, too many of them, bodies that are not JSON in UTF-8 or that are compressed.
 */
export function refuseOddRequests(app: App): void {
  app.addHook('onRequest', function refuseOddHead(request, reply, done) {
    const target = request.raw.url ?? ''
    // A fragment is no part of a target (RFC 9112 §3.2): a rule of a proxy for `/metrics` would not see `/metrics#`.
    if (!target.startsWith('/') || target.includes('#'))
      throw invalidRequest([{ path: '/target', message: 'must be a path' }])
    if (target.length > TARGET_LIMIT && !request.routeOptions.config.asksForAnother)
      throw new Refusal('uri_too_long')
    refuseOddHeaders(request.raw)
    if (Number(request.headers['content-length']) > request.routeOptions.bodyLimit) {
      reply.header('connection', 'close') // it is not going to be read
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
  // HTTP/1.0 knows no Host (RFC 9112 §3.2); some load balancers still ask in it whether we are well.
  if (host === undefined ? httpVersion !== '1.0' : !HOST.test(host))
    throw invalidRequest([
      { path: '/headers/host', message: host === undefined ? 'is missing' : 'is no host' },
    ])
}

/**
 * `rawHeaders` is name, value, name, value. Node.js itself would keep the first of two and drop the other in silence. Only of
 * `Cookie` there may be several: HTTP/2 splits it (RFC 9113 §8.2.3), not every proxy puts it together again, and Node.js does.
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
 * A type is judged even where the body is empty, and a body even where none is wanted: a form posted from a page of
 * another site always names one of its three types, so none gets past here.
 */
function refuseOddBody({ method, headers, routeOptions }: FastifyRequest): void {
  // No body of theirs is read; and a proxy that asks us about a request may well pass on what it says of its own.
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

/** None of what ends a host in a URL (RFC 3986 §3.2): nobody on the way is to read another one out of it. */
const HOST = /^[^\s/?#@\\,]*$/
/** Headers that decide what a request is and whose. */
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
