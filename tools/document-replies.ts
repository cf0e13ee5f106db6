import { CATALOGUE } from '../src/errors.ts'
import type { Json, JsonObject } from './json-schema.ts'

/**
 * Says of an operation's replies what its route cannot say: what a status means, its media type, its headers. Refusals of
 * one status are the same everywhere, so they become one named component, put into `shared`.
 */
export function documentReplies(operation: JsonObject, shared: JsonObject): JsonObject {
  const replies = Object.entries(operation['responses'] as Record<string, JsonObject>)
  shared['AnyRefusal'] = ANY_REFUSAL
  return {
    ...Object.fromEntries(
      replies.map(([status, reply]) =>
        isProblem(reply)
          ? [status, shareRefusal(status, shared)]
          : [status, describeSuccess(`${operation['operationId']} ${status}`, reply)],
      ),
    ),
    default: { $ref: '#/components/responses/AnyRefusal' },
  }
}

function isProblem(reply: JsonObject): boolean {
  return JSON.stringify(reply).includes(`"${PROBLEM}"`)
}

function shareRefusal(status: string, shared: JsonObject): JsonObject {
  const refusal = REFUSALS[status]
  if (refusal === undefined) throw new Error(`no refusal is written down for the status ${status}`)
  const codes = Object.entries(CATALOGUE).filter(([, entry]) => String(entry[0]) === status)
  shared[refusal.name] = {
    description: `${refusal.meaning} Codes: ${codes.map(([code]) => `\`${code}\``).join(', ')}.`,
    ...(refusal.headers === undefined ? {} : { headers: describeHeaders(refusal.headers) }),
    content: { 'application/problem+json': { schema: { $ref: PROBLEM } } },
  }
  return { $ref: `#/components/responses/${refusal.name}` }
}

function describeSuccess(key: string, { description, ...reply }: JsonObject): JsonObject {
  const headers = HEADERS[key]
  return {
    description: description === 'Default Response' ? 'Done.' : (description as Json),
    ...(headers === undefined ? {} : { headers: describeHeaders(headers) }),
    ...reply,
  }
}

function describeHeaders(headers: Record<string, string>): JsonObject {
  return Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [
      name,
      { description, schema: { type: 'string' } },
    ]),
  )
}

const PROBLEM = '#/components/schemas/Problem'
const ANY_REFUSAL: JsonObject = {
  description:
    'What any call may answer: 400 (`invalid_request`, also for a cookie that is there twice), 403 (`cross_origin`), 413, 414, 415, 417, 426 (`https_required`), 431, or 500 for a bug.',
  content: { 'application/problem+json': { schema: { $ref: PROBLEM } } },
}
const RETRY = { 'Retry-After': 'When to try again, in seconds.' }

const REFUSALS: Record<string, { name: string; meaning: string; headers?: Record<string, string> }> = {
  400: { name: 'InvalidRequest', meaning: 'The request is not of the form this call takes.' },
  401: {
    name: 'NotSignedIn',
    meaning: 'Not signed in, or not any more.',
    headers: { 'WWW-Authenticate': 'How to sign in; absent where a password was wrong.' },
  },
  403: { name: 'NotAllowed', meaning: 'Signed in or not, this is not for you.' },
  404: { name: 'NotFound', meaning: 'There is no such thing.' },
  409: { name: 'Conflict', meaning: 'It clashes with how things stand.' },
  410: { name: 'LinkNotValid', meaning: 'It was used, has expired, or never was.' },
  422: { name: 'PasswordRefused', meaning: 'The password may not be chosen.' },
  429: { name: 'TooManyAttempts', meaning: 'Too many attempts.', headers: RETRY },
  503: {
    name: 'Unavailable',
    meaning: 'It cannot be done right now. A session stays as it was: keep the cookie.',
    headers: RETRY,
  },
}

const NEW_COOKIE = { 'Set-Cookie': 'The session cookie: `HttpOnly`, `SameSite=Strict`.' }
const NO_COOKIE = { 'Set-Cookie': 'Has the browser forget the session cookie.' }

/** Headers of successful replies, by operation and status. */
const HEADERS: Record<string, Record<string, string>> = {
  'login 200': NEW_COOKIE,
  'logout 204': NO_COOKIE,
  'changeMyPassword 204': NEW_COOKIE,
  'deleteMe 204': NO_COOKIE,
  'changePasswordPage 302': { Location: 'The page.' },
  'verify 204': {
    'X-User-Id': 'The id of the user.',
    'X-User-Name': 'The username; what is not ASCII in it, and `%`, percent-encoded.',
    'X-User-Roles': 'The roles, separated by commas.',
    'X-Session-Id': 'The public id of the session.',
    'X-Session-Epoch': 'The login number of the session.',
  },
}
