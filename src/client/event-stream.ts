import { isProblem, type ProblemBody } from './api-error.ts'
import { type Clock, pauseBefore, retryAfterOf } from './retry.ts'
import type { Ending } from './session-state.ts'

/** What a stream tells. */
export type StreamListener = {
  /** It is open: the session is live. */
  opened(): void
  ending(ending: Ending): void
  /** The session has ended, or there is none: the body of the 401. The stream has ended. */
  ended(problem: ProblemBody): void
}

/**
 * Follows `GET /me/events` until the session ends or `signal` aborts. A stream that breaks, is silent for too long or cannot
 * be opened now is opened again, after pauses that grow; what a proxy answers in place of the API counts as that.
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
        // Not a problem: the answer was cut off, or somebody else gave it, such as a proxy whose service is being started.
        const problem: unknown = await response.json().catch(() => null)
        if (isProblem(problem)) {
          if (response.status === 401) listener.ended(problem)
          return
        }
      }
      asked = retryAfterOf(response, clock)
      // A page in place of the stream, as of a hotel's network, is as bad as no answer.
      if (response.ok && response.headers.get('content-type')?.startsWith('text/event-stream')) {
        listener.opened()
        attempt = 0
        if (await read(response)) return
      }
    } catch {
      // No connection, or it broke: as if it had ended.
    }
    signal.removeEventListener('abort', end)
    attemptOver.abort()
    await clock.sleep(pauseBefore(attempt, asked, clock), signal)
  }

  /** Reads until the stream ends. Gives whether it said that the session has. */
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

  /** Tells what one event says. Gives whether it was the last. */
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

/** Whether asking again would change nothing. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429
}

/** The service says something every five seconds: milliseconds. */
const SILENCE = 20_000
/** The characters of one event. */
const LONGEST = 65_536
