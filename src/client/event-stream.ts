import { isProblem, type ProblemBody } from './api-error.ts'
import { type Clock, pauseBefore, retryAfterOf } from './retry.ts'
import type { Ending } from './session-state.ts'

/** Callbacks of a stream. */
export type StreamListener = {
  /** The stream is open, so the session is live. */
  opened(): void
  ending(ending: Ending): void
  /** The session has ended, or there is none. `problem` is the body of the 401. The stream has ended too. */
  ended(problem: ProblemBody): void
}

/**
 * Follows `GET /me/events` until the session ends or `signal` aborts. If the stream breaks, is silent for too long or cannot be
 * opened, it is opened again after growing pauses. The same happens if a proxy answers in place of the API.
 */
export async function followStream(
  open: (signal: AbortSignal) => Promise<Response>,
  listener: StreamListener,
  clock: Clock,
  signal: AbortSignal,
  longestSilence = SILENCE,
): Promise<void> {
  let asked: number | null = null
  for (let attempt = 0; !signal.aborted; attempt++) {
    asked = null
    const attemptOver = new AbortController()
    const end = () => attemptOver.abort()
    signal.addEventListener('abort', end)
    try {
      const response = await open(attemptOver.signal)
      if (isFinal(response.status)) {
        // If this fails, the answer was cut off or came from a proxy, for example while the service starts.
        const problem: unknown = await response.json().catch(() => null)
        if (isProblem(problem)) {
          if (response.status === 401) listener.ended(problem)
          return
        }
      }
      asked = retryAfterOf(response, clock)
      // A page in place of the stream, such as the sign-in page of a hotel network, counts as no answer.
      if (response.ok && response.headers.get('content-type')?.startsWith('text/event-stream')) {
        listener.opened()
        attempt = 0
        if (await read(response)) return
      }
    } catch {
      // There is no connection, or it broke: try again as after an end.
    }
    signal.removeEventListener('abort', end)
    attemptOver.abort()
    await clock.sleep(pauseBefore(attempt, asked, clock), signal)
  }

  /** Reads until the stream ends. Gives whether the stream said that the session has ended. */
  async function read({ body }: Response): Promise<boolean> {
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    for (;;) {
      const silence = setTimeout(() => void reader?.cancel(), longestSilence)
      const chunk = await reader?.read().finally(() => clearTimeout(silence))
      if (chunk === undefined || chunk.done || text.length > LONGEST) return false
      const parts = (text + chunk.value).split('\n\n')
      text = parts.pop() ?? ''
      for (const part of parts) if (tell(part)) return true
    }
  }

  /** Reports one event. Gives whether it was the last. */
  function tell(part: string): boolean {
    const retry = /^retry: (\d+)$/m.exec(part)
    if (retry !== null) asked = Number(retry[1])
    const event = /^event: (.*)\ndata: (.*)$/m.exec(part)
    if (event === null || signal.aborted) return false
    const data = JSON.parse(event[2] as string)
    if (event[1] === 'session.ending') listener.ending(data)
    if (event[1] !== 'session.ended' || !isProblem(data)) return false
    listener.ended(data)
    return true
  }
}

/** Whether trying again would change nothing. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429
}

/** After this silence a stream counts as broken, milliseconds. The service sends something every five seconds. */
const SILENCE = 20_000
/** The most characters of one event. */
const LONGEST = 65_536
