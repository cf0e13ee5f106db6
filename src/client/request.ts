import { errorOf, unexpected, unreachable } from './api-error.ts'
import { type Clock, retryAfterOf, sendUntilAccepted } from './retry.ts'

/** Sends one request; the global `fetch`, or what an application puts in its place. */
export type Send = (url: string, init: RequestInit) => Promise<Response>

/** One call: gives the body of a success, throws `ApiError` for anything else. `isPatient`: whether 503 and 429 are tried again. */
export type Request = <T>(method: string, path: string, body?: object, isPatient?: boolean) => Promise<T>

/** Calls of the API at `base`. */
export function requestsTo(
  base: string,
  send: Send,
  isPatientByDefault: boolean,
  clock: Clock,
): Request {
  return async function request<T>(
    method: string,
    path: string,
    body?: object,
    isPatient = isPatientByDefault,
  ): Promise<T> {
    const attempt = () =>
      send(base + path, {
        ...WITH_COOKIE,
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: JSON_BODY }),
      }).catch((cause: unknown) => {
        throw unreachable(cause)
      })
    const response = await (isPatient ? sendUntilAccepted(attempt, clock) : attempt())
    if (!response.ok) throw await errorOf(response, retryAfterOf(response, clock))
    const text = await response.text().catch((cause: unknown) => {
      throw unreachable(cause)
    })
    const answer = response.status > 201 && text === '' ? undefined : read(text)
    if (answer === null) throw unexpected(response.status) // such as the page of a hotel's network
    return answer as T // what the document of the API says
  }
}

/** The object that an answer of the API is; null if this is none. */
function read(text: string): object | null {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' ? answer : null
  } catch {
    return null
  }
}

/** Of every request. `include`: the API may be on another origin than the page. */
export const WITH_COOKIE = { credentials: 'include', cache: 'no-store' } as const
const JSON_BODY = { 'content-type': 'application/json' }
