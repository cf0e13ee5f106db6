import { errorOf, unexpected, unreachable } from './api-error.ts'
import { type Clock, retryAfterOf, sendUntilAccepted } from './retry.ts'

/** Sends one request: the global `fetch`, or a function of the application. */
export type Send = (url: string, init: RequestInit) => Promise<Response>

/**
 * Makes one call: gives the body of a success, and throws `ApiError` otherwise. `isPatient`: whether to try again after 503 and
 * 429.
 */
export type Request = <T>(method: string, path: string, body?: object, isPatient?: boolean) => Promise<T>

/** Makes the function that calls the API at `base`. */
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
    if (answer === null) throw unexpected(response.status) // such as the sign-in page of a hotel network
    return answer as T // as `openapi.yaml` declares it
  }
}

/** Reads the JSON object of an answer; null if it is not one. */
function read(text: string): object | null {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' ? answer : null
  } catch {
    return null
  }
}

/** Options of every request. `include` is needed because the API may be on another origin than the page. */
export const WITH_COOKIE = { credentials: 'include', cache: 'no-store' } as const
const JSON_BODY = { 'content-type': 'application/json' }
