/** Time and chance, as the client uses them. */
export type Clock = {
  now(): number
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  random(): number
}

/**
 * Sends until the answer is another than 503 and 429, which say: later. Waits at least as long as `Retry-After` asks, and a
 * little longer, so that not all clients come back at once. Gives the last answer after five more attempts, or when the next
 * would be later than 45 seconds after the first.
 */
export async function sendUntilAccepted(send: () => Promise<Response>, clock: Clock): Promise<Response> {
  const end = clock.now() + LONGEST
  for (let attempt = 0; ; attempt++) {
    const response = await send()
    if (response.status !== 503 && response.status !== 429) return response
    const pause = pauseBefore(attempt, retryAfterOf(response, clock), clock)
    if (attempt === ATTEMPTS || clock.now() + pause > end) return response
    await response.body?.cancel()
    await clock.sleep(pause)
  }
}

/** Half a second that doubles up to half a minute, if no pause was asked for; and up to a second more. */
export function pauseBefore(attempt: number, asked: number | null, clock: Clock): number {
  const pause = Math.min(asked || 500 * 2 ** Math.min(attempt, 6), LONGEST_TIMER)
  return pause + clock.random() * Math.min(1000, 250 + pause / 2)
}

/** When an answer asks to come back, in milliseconds from now: seconds, or a date (RFC 9110 §10.2.3). */
export function retryAfterOf(response: Response, clock: Clock): number | null {
  const text = response.headers.get('retry-after')
  if (text === null) return null
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - clock.now()
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

const ATTEMPTS = 5
/** Milliseconds. */
const LONGEST = 45_000
/** A timer that is to wait for longer than some 24 days does not wait at all. */
const LONGEST_TIMER = 2 ** 30

/** The clock of the machine. */
export const CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((done) => {
      if (signal?.aborted) return done()
      const timer = setTimeout(done, ms)
      signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        done()
      })
    }),
  random: () => Math.random(),
}
