/** The clock and random numbers of the client. */
export type Clock = {
  now(): number
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  random(): number
}

/**
 * Sends again while the answer is 503 or 429. Waits a little longer than `Retry-After` asks, so that not all clients come back at
 * once. Gives the last answer after five more attempts, or if the next attempt would be later than 45 seconds after the first.
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

/** The pause before an attempt: as asked for, or half a second that doubles up to half a minute; and up to a second more. */
export function pauseBefore(attempt: number, asked: number | null, clock: Clock): number {
  const pause = Math.min(asked || 500 * 2 ** Math.min(attempt, 6), LONGEST_TIMER)
  return pause + clock.random() * Math.min(1000, 250 + pause / 2)
}

/** The `Retry-After` of an answer in milliseconds from now. It has seconds or a date (RFC 9110 §10.2.3). */
export function retryAfterOf(response: Response, clock: Clock): number | null {
  const text = response.headers.get('retry-after')
  if (text === null) return null
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - clock.now()
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

const ATTEMPTS = 5
/** Milliseconds. */
const LONGEST = 45_000
/** The longest time for a timer. One for more than some 24 days would not wait at all. */
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
