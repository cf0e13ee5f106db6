import t from 'tap'
import { endingOf } from '../../src/routes/session-ending.ts'
import type { LiveSession } from '../../src/sessions/record.ts'

const S = 1000
const session = (idle: number, absolute = 3600 * S) =>
  ({ lastSeenAt: 0, idleExpiresAt: Math.min(idle, absolute), expiresAt: absolute }) as LiveSession

t.test('an end is near a minute before it', async (t) => {
  t.equal(endingOf(session(600 * S), 539 * S), null)
  t.strictSame(endingOf(session(600 * S), 540 * S), {
    code: 'session_idle',
    at: '1970-01-01T00:10:00.000Z',
  })
})

t.test('of a shorter idle time not from the first moment, or a use would change nothing', async (t) => {
  t.equal(endingOf(session(20 * S), 1 * S), null)
  t.match(endingOf(session(20 * S), 2 * S), { code: 'session_idle' })
})

t.test('the end of the longest life is told apart', async (t) => {
  t.match(endingOf(session(600 * S, 600 * S), 550 * S), { code: 'session_expired' })
})
