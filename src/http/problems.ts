import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, invalidRequest, problem, Refusal, toRefusal } from '../errors.ts'
import type { SessionsRefusal } from '../sessions/refusal.ts'
import { keepToHttps } from './headers.ts'

/** Answers with an error body (RFC 9457), whatever was thrown. No other code writes error bodies. */
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
  // The answer has begun: only ending the connection shows that it is incomplete.
  if (reply.raw.headersSent) reply.raw.destroy()
  else write(reply, refusal.status, refusal.headers, JSON.stringify(problem(refusal, members)))
}

/** The refusal that answers this error; `internal` for a bug. */
export function refusalFor(error: unknown): Refusal {
  const refusal = toRefusal(error)
  return refusal instanceof Refusal ? refusal : translate(error as FastifyError | null)
}

/** Writes past all hooks: a hook may have failed, and if it failed again Fastify would show the message of the bug. */
function write(reply: FastifyReply, status: number, headers: object, body: string): void {
  reply
    .headers({ ...headers })
    .type('application/problem+json')
    .header('content-length', Buffer.byteLength(body))
    .hijack()
  reply.raw.writeHead(status, reply.getHeaders() as OutgoingHttpHeaders).end(body)
}

/** Only the stack, not the whole error: that of a Redis command contains the value to be written. */
function stackOf(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.stack : undefined
}

/** Refuses a path that does not exist. It does not repeat the path in the answer. */
export function refuseUnknownPath(): never {
  throw new Refusal('not_found')
}

/** Translates what Fastify throws into a refusal. Anything else is a bug, of which the answer has only the request id. */
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

/** Shortens the path of an error: the client may have made up part of it. */
function shorten(path: string): string {
  return path.length > PATH_LENGTH ? `${path.slice(0, PATH_LENGTH)}…` : path
}

/** How many errors an answer lists. A wrong body can have thousands. */
const ERRORS = 5
const PATH_LENGTH = 100

/** The detail for bytes that could not be read as a request. */
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
