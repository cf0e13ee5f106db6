import type { Problem } from '../../schemas/problem.ts'
import type { ErrorCode } from '../errors.ts'
import type { EndReason } from '../sessions/record.ts'

/** Every code of the API, and two codes of the client: there was no answer, or the answer was not the API's. */
export type ApiErrorCode = ErrorCode | 'unreachable' | 'unexpected_answer'

/** The codes of a 401 that are about the session and not about a password. */
export type SignedOutCode = EndReason | 'unauthenticated'

/** The members that only some codes have. */
type Members = {
  session_replaced: Required<Pick<Problem, 'replacedBy'>>
  session_limit_reached: Required<Pick<Problem, 'sessions'>>
  invalid_request: Required<Pick<Problem, 'errors'>>
  internal: Required<Pick<Problem, 'requestId'>>
}
export type MembersOf<C> = C extends keyof Members ? Members[C] : unknown

type ErrorOf<C> = Error & {
  readonly code: C
  /** The HTTP status; 0 without an answer. */
  readonly status: number
  readonly title: string
  /** Milliseconds, if the answer said when to try again. */
  readonly retryAfter: number | null
} & Readonly<MembersOf<C>>

/** What a call throws. After `code` is compared, TypeScript knows the members of that code. */
export type ApiError = { [C in ApiErrorCode]: ErrorOf<C> }[ApiErrorCode]

/** The members of a refusal that the client reads. */
export type ProblemBody = { code: ApiErrorCode; status: number; title: string; detail: string }

type ApiErrorClass = {
  new (problem: ProblemBody, retryAfter: number | null, options?: ErrorOptions): ApiError
  readonly prototype: ApiError
}

// The cast is needed because a class cannot be a union of types, and only a union gives each code its members.
export const ApiError = class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(problem: ProblemBody, retryAfter: number | null, options?: ErrorOptions) {
    super(problem.detail, options)
    Object.assign(this, problem, { retryAfter })
  }
} as unknown as ApiErrorClass

/** The error of an answer without success. A proxy may answer in place of the API, with another body. */
export async function errorOf(response: Response, retryAfter: number | null): Promise<ApiError> {
  const { status } = response
  const body: unknown = await response.json().catch(() => null)
  return isProblem(body) ? new ApiError(body, retryAfter) : unexpected(status, retryAfter)
}

/** The error of a request that got no answer. */
export function unreachable(cause: unknown): ApiError {
  const detail = 'The server could not be reached.'
  return new ApiError({ code: 'unreachable', status: 0, title: 'Unreachable', detail }, null, { cause })
}

/** The error of an answer that is not of the API, whatever its status. */
export function unexpected(status: number, retryAfter: number | null = null): ApiError {
  const detail = `The server answered ${status}, and not in a form of this API.`
  return new ApiError(
    { code: 'unexpected_answer', status, title: 'Unexpected answer', detail },
    retryAfter,
  )
}

/** Whether this is the body of a refusal. */
export function isProblem(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && 'code' in body && 'status' in body
}
