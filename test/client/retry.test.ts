import t from 'tap'
import { CLOCK, pauseBefore, retryAfterOf, sendUntilAccepted } from '../../src/client/retry.ts'
import { hastyClock } from '../support/device.ts'

/** Answers with these statuses, then 200. */
function answering(...answers: [status: number, retryAfter?: string][]) {
  let sent = 0
  const send = async () => {
    const [status, after] = answers[sent++] ?? [200]
    return new Response('x', { status, headers: after === undefined ? {} : { 'retry-after': after } })
  }
  return { send, sent: () => sent }
}

t.test('503 and 429 are sent again, never before Retry-After and not all at once', async (t) => {
  const clock = hastyClock()
  const { send, sent } = answering([503, '2'], [429, '7'])
  t.equal((await sendUntilAccepted(send, clock)).status, 200)
  t.equal(sent(), 3)
  t.equal(clock.waits.length, 2)
  for (const [i, least] of [2000, 7000].entries()) {
    const wait = clock.waits[i] ?? 0
    t.ok(wait > least && wait <= least + 1000, `${wait}`)
  }
})

t.test('five times at most', async (t) => {
  const { send, sent } = answering(...Array.from({ length: 20 }, (): [number, string] => [503, '1']))
  t.equal((await sendUntilAccepted(send, hastyClock())).status, 503)
  t.equal(sent(), 6)
})

t.test('45 seconds at most, and no wait for what comes too late', async (t) => {
  const clock = hastyClock()
  const { send, sent } = answering([429, '20'], [429, '20'], [429, '20'])
  t.equal((await sendUntilAccepted(send, clock)).status, 429)
  t.equal(sent(), 3)
  const late = answering([429, '60'])
  t.equal((await sendUntilAccepted(late.send, clock)).status, 429)
  t.equal(late.sent(), 1)
})

t.test('anything else is an answer', async (t) => {
  for (const status of [200, 401, 409, 500, 502]) {
    const { send, sent } = answering([status, '1'])
    t.equal((await sendUntilAccepted(send, hastyClock())).status, status)
    t.equal(sent(), 1)
  }
})

t.test('Retry-After is seconds or a date; without one, or with nonsense, pauses grow', async (t) => {
  const clock = hastyClock()
  const asked = (after: string) =>
    retryAfterOf(new Response('', { headers: { 'retry-after': after } }), clock)
  t.equal(asked('3'), 3000)
  t.equal(asked(new Date(clock.now() + 5000).toUTCString()), 5000)
  t.equal(asked(new Date(clock.now() - 5000).toUTCString()), 0)
  t.equal(asked('soon'), null)
  t.equal(retryAfterOf(new Response(''), clock), null)
  const pauses = [0, 1, 2, 3, 20].map((attempt) => pauseBefore(attempt, null, clock))
  t.strictSame(pauses, [750, 1375, 2500, 4500, 32_500])
})

t.test('the clock of the machine', async (t) => {
  const before = CLOCK.now()
  await CLOCK.sleep(5)
  t.ok(CLOCK.now() >= before + 4)
  const over = new AbortController()
  const asleep = CLOCK.sleep(60_000, over.signal)
  over.abort()
  await asleep
  await CLOCK.sleep(60_000, over.signal)
  t.ok(CLOCK.random() < 1)
})
