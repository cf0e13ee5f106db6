import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, invalidRequest, problem, Refusal, toRefusal } from '../errors.ts'
import type { SessionsRefusal } from '../sessions/refusal.ts'
import { keepToHttps } from './headers.ts'

/** Turns whatever was thrown into the one kind of error body (RFC 9457). Nothing else in the program writes one. */
export function sendError(
  error: FastifyError | Refusal | SessionsRefusal | null,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const refusal = refusalFor(error)
  if (refusal.code === 'internal') request.log.error({ err: refusal.cause }, 'a bug')
  else if (refusal.status >= 500)
    request.log.warn({ code: refusal.code, cause: stackOf(refusal.cause) }, refusal.title)
  else if (SUSPICIOUS.has(refusal.code))
    request.log.info({ event: refusal.code, ip: request.ip, path: request.routeOptions.url }, 'refused')
  else request.log.debug({ code: refusal.code }, 'refused')
  const members =
    refusal.code === 'internal' ? { ...refusal.members, requestId: request.id } : refusal.members
  keepToHttps(request, reply)
  // An answer that was begun is broken off.
  if (reply.raw.headersSent) reply.raw.destroy()
  else write(reply, refusal.status, refusal.headers, JSON.stringify(problem(refusal, members)))
}

/** The refusal that is answered when this is thrown; `internal` for a bug. */
export function refusalFor(error: unknown): Refusal {
  const refusal = toRefusal(error)
  return refusal instanceof Refusal ? refusal : translate(error as FastifyError | null)
}

/** Past all hooks: they may be what has failed, and if they failed again Fastify would tell the message of the bug. */
function write(reply: FastifyReply, status: number, headers: object, body: string): void {
  reply
    .headers({ ...headers })
    .type('application/problem+json')
    .header('content-length', Buffer.byteLength(body))
    .hijack()
  reply.raw.writeHead(status, reply.getHeaders() as OutgoingHttpHeaders).end(body)
}

/** Not the whole error: that of a Redis command holds what was to be written. */
function stackOf(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.stack : undefined
}

/** For a path that is not there. Guards nothing and reveals nothing: it does not repeat what was asked for. */
export function refuseUnknownPath(): never {
  throw new Refusal('not_found')
}

/** What Fastify throws, in our words; anything unknown is a bug, and only its request id is told. */
function translate(error: FastifyError | null): Refusal {
  if (error?.validation !== undefined) {
    return invalidRequest(
      error.validation.slice(0, ERRORS).map(({ instancePath, params, message }) => ({
        path: shorten(`${instancePath}${missingOrExtra(params)}` || '/'),
        message: message ?? 'is not valid',
      })),
    )
  }
  const code =
    FRAMEWORK_ERRORS[error?.code ?? ''] ?? (error?.statusCode === 400 ? 'invalid_request' : 'internal')
  if (code === 'invalid_request') return invalidRequest([{ path: '/', message: UNREADABLE }], error)
  return new Refusal(code, { cause: error })
}

function missingOrExtra(params: Record<string, unknown>): string {
  const name = params['missingProperty'] ?? params['additionalProperty']
  return name === undefined ? '' : `/${String(name)}`
}

/** Part of a path is a name that the client has made up. */
function shorten(path: string): string {
  return path.length > PATH_LENGTH ? `${path.slice(0, PATH_LENGTH)}…` : path
}

/** Errors in one answer. A body that is all wrong would have thousands. */
const ERRORS = 5
const PATH_LENGTH = 100

/** Of a request that was not even read as one. */
export const UNREADABLE = 'is not a request that this server can read'

const FRAMEWORK_ERRORS: Record<string, ErrorCode> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_BAD_URL: 'invalid_request',
  FST_ERR_MAX_PARAM_LENGTH: 'uri_too_long',
}

/** Refusals that somebody who watches the log wants to see: they may be an attack (ASVS 16.3.2, 16.3.3). */
export const SUSPICIOUS: ReadonlySet<ErrorCode> = new Set([
  'cross_origin',
  'forbidden',
  'https_required',
  'too_many_attempts',
])
