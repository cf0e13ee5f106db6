import { SessionsRefusal } from './sessions/refusal.ts'

/**
 * A refusal: something the caller can understand and act on. Anything else that is thrown is a bug and a 500. It has no stack:
 * nobody would read it, and taking thousands of them would cost time. Its `cause` has one.
 */
export class Refusal extends Error {
  readonly status: number
  readonly code: ErrorCode
  readonly title: string
  /** Further members of the problem body, such as `replacedBy`. */
  readonly members: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, options: RefusalOptions = {}) {
    const [status, title, usual] = CATALOGUE[code]
    const { detail = usual, members = {}, headers = USUAL_HEADERS[code] ?? {}, cause } = options
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0 // nothing else runs before it is put back
    super(detail, { cause })
    Error.stackTraceLimit = stackTraceLimit
    this.name = 'Refusal'
    this.status = status
    this.code = code
    this.title = title
    this.members = members
    this.headers = headers
  }

  /** The status that Fastify's own error handler answers with. */
  get statusCode(): number {
    return this.status
  }
}

/** The body of a refusal (RFC 9457). */
export type ProblemBody = {
  type: string
  title: string
  status: number
  code: ErrorCode
  detail: string
  [member: string]: unknown
}

export function problem(refusal: Refusal, members = refusal.members): ProblemBody {
  const { title, status, code, message } = refusal
  return { type: `urn:oneseat:error:${code}`, title, status, code, detail: message, ...members }
}

type RefusalOptions = {
  /** What is wrong, if more can be said than the catalogue says. */
  detail?: string
  members?: Record<string, unknown>
  headers?: Record<string, string>
  cause?: unknown
}

/** Every refusal: status, title, and detail (what is wrong and what to do). A test compares `docs/errors.md` with it. */
export const CATALOGUE = {
  malformed_json: [
    400,
    'Malformed JSON',
    'The body is not valid JSON. Send one JSON object, encoded in UTF-8.',
  ],
  invalid_request: [
    400,
    'Invalid request',
    'The request is not of the form this call takes; see `errors`.',
  ],
  ambiguous_credentials: [
    400,
    'Two credentials',
    'The request has a session cookie and an Authorization header. Send only one of them.',
  ],
  invalid_credentials: [401, 'Invalid credentials', 'The username or the password is wrong.'],
  invalid_key: [
    401,
    'Invalid key',
    'This service key does not exist, or it was revoked. The command `oneseat keys add` makes one.',
  ],
  unauthenticated: [401, 'Not signed in', 'This call needs a session. Sign in with POST /login.'],
  session_replaced: [
    401,
    'Signed in elsewhere',
    'Another device signed in to this account; see `replacedBy`. Sign in again only if the user asks for it: two programs that do so by themselves would sign each other out for ever.',
  ],
  logged_out: [401, 'Logged out', 'This session was logged out. Sign in again.'],
  session_idle: [401, 'Session timed out', 'The session was unused for too long. Sign in again.'],
  session_expired: [401, 'Session expired', 'The session reached its maximum age. Sign in again.'],
  session_revoked: [
    401,
    'Session revoked',
    'The session was ended from another device or by an administrator.',
  ],
  password_changed: [
    401,
    'Password changed',
    'The password was changed on another device. Sign in with the new one.',
  ],
  user_disabled: [401, 'Account disabled', 'This account is disabled. Ask an administrator.'],
  user_deleted: [401, 'Account deleted', 'This account does not exist any more.'],
  session_lost: [
    401,
    'Session lost',
    'The server lost this session. Nobody has replaced it. Sign in again.',
  ],
  session_disputed: [
    401,
    'Session disputed',
    'The device that this login signed out reported that it was not the owner who signed in.',
  ],
  forbidden: [403, 'Forbidden', 'You are signed in, but your roles do not allow this.'],
  cross_origin: [
    403,
    'Cross-origin request',
    'A page of another origin sent this. Its origin has to be in the setting ALLOWED_ORIGINS.',
  ],
  cross_site_cookie: [
    403,
    'Cross-site login',
    'The browser would not keep the session cookie, because the page belongs to another site. Serve page and API under one domain.',
  ],
  token_in_browser: [
    403,
    'Token in a browser',
    'A web page sent this, and every script of a page could read the token. In a browser sign in without `transport`, and use the cookie.',
  ],
  password_change_required: [
    403,
    'Password change required',
    'Others may know this password. Choose another with PUT /me/password; most calls are refused until then.',
  ],
  signup_closed: [403, 'Sign-up is closed', 'Only an administrator can make accounts here.'],
  not_found: [404, 'Not found', 'Nothing has this path or id. The page /docs lists all calls.'],
  method_not_allowed: [
    405,
    'Method not allowed',
    'This path does not take this method; see the Allow header.',
  ],
  request_timeout: [408, 'Request timeout', 'The request did not arrive in time. Send it again.'],
  username_taken: [
    409,
    'Username taken',
    'An account with this username, or with one that looks the same, exists. Choose another.',
  ],
  login_superseded: [
    409,
    'Superseded',
    'Another login to this account finished at the same moment and won.',
  ],
  session_limit_reached: [
    409,
    'Session limit reached',
    'This account is signed in elsewhere; see `sessions`. End one of them, or name one as `replace` if the policy asks.',
  ],
  nothing_to_dispute: [409, 'Nothing to dispute', 'This device is signed in; nobody has replaced it.'],
  already_disputed: [
    409,
    'Nothing left to dispute',
    'The login that replaced this session has ended already.',
  ],
  last_admin: [
    409,
    'Last administrator',
    'This is the last administrator. Give somebody else the role first.',
  ],
  token_used: [
    410,
    'Link not valid any more',
    'This link was used, has expired, or never existed. Ask for another.',
  ],
  body_too_large: [413, 'Body too large', 'The body is larger than this call takes.'],
  uri_too_long: [414, 'URI too long', 'The path and query of the request are too long.'],
  unsupported_media_type: [
    415,
    'Unsupported media type',
    'Send the body as application/json in UTF-8, not compressed.',
  ],
  idempotency_key_reused: [
    422,
    'Idempotency-Key used before',
    'Another body was sent with this Idempotency-Key. Use a new key for each login.',
  ],
  password_too_short: [
    422,
    'Password too short',
    'Use at least 15 characters; a few words are easy to remember.',
  ],
  password_too_common: [
    422,
    'Password too common',
    'This password is easy to guess; the detail says why. Choose another, such as a few words.',
  ],
  expectation_failed: [
    417,
    'Expectation failed',
    'The Expect header asks for something that this server does not do.',
  ],
  https_required: [
    426,
    'HTTPS required',
    'The session cookie of this server is for HTTPS only. Use https://.',
  ],
  too_many_attempts: [
    429,
    'Too many attempts',
    'Too many wrong passwords, new accounts or links. Wait as long as the Retry-After header says.',
  ],
  kick_war: [
    429,
    'Two devices sign each other out',
    'This device and another have signed each other out many times within a minute. Neither can sign in for as long as the Retry-After header says; any other device can.',
  ],
  headers_too_large: [
    431,
    'Headers too large',
    'The request headers are too large. Clear the cookies of this site.',
  ],
  internal: [500, 'Internal error', 'Something went wrong on our side. Report the `requestId`.'],
  not_implemented: [501, 'Not implemented', 'No path here takes this method.'],
  overloaded: [503, 'Overloaded', 'Too many requests are waiting. Try again shortly.'],
  store_unavailable: [
    503,
    'Temporarily unavailable',
    'Sessions cannot be checked right now. Keep your cookie, try again.',
  ],
} as const satisfies Record<string, readonly [status: number, title: string, detail: string]>

/** In how many seconds to try again, for what passes by itself. */
const USUAL_HEADERS: { [C in ErrorCode]?: Record<string, string> } = {
  overloaded: { 'retry-after': '2' },
  store_unavailable: { 'retry-after': '1' },
}

/** The code that programs compare. */
export type ErrorCode = keyof typeof CATALOGUE

/** Turns a refusal of the sessions core into one with a status. Gives everything else back as it is. */
export function toRefusal(error: unknown): unknown {
  return error instanceof SessionsRefusal ? refusalOf(error) : error
}

export function refusalOf({ code, cause, wait }: SessionsRefusal): Refusal {
  if (code === 'kick_war') return new Refusal(code, { headers: waitFor(wait) })
  return new Refusal(code, { cause })
}

/** The header that asks a client to wait for so many milliseconds. */
export function waitFor(ms: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(ms / 1000))) }
}

/** The request does not fit the schema; each error names the field by its JSON pointer (RFC 6901). */
export function invalidRequest(errors: { path: string; message: string }[], cause?: unknown): Refusal {
  return new Refusal('invalid_request', { members: { errors }, cause })
}
