import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { ENDED_KEPT, type LiveSession, type SeatRecord } from '../../src/sessions/record.ts'
import {
  closeBelow,
  deadline,
  emptyRecord,
  end,
  keepUntil,
  renew,
  type SeatPolicy,
  seat,
  settle,
  touch,
} from '../../src/sessions/rules.ts'
import { anyRecord } from './any-record.ts'

const NOW = 1_000_000
const HOLDER = { id: 'u1', username: 'ann', roles: [], createdAt: 0, disabled: false }
const REPLACE: SeatPolicy = { limit: 1, onLimit: 'replace', refuseWhileSeen: 0 }
const REFUSE: SeatPolicy = { limit: 1, onLimit: 'refuse', refuseWhileSeen: 1_000 }
const ASK: SeatPolicy = { limit: 1, onLimit: 'ask', refuseWhileSeen: 0 }

t.test('seat: the first session of a user', async (t) => {
  t.strictSame(claim(null, 1, REPLACE), {
    kind: 'seated',
    replaced: [],
    record: { ...emptyRecord(HOLDER), epoch: 1, live: [session(1)] },
  })
})

t.test('seat: a number at or below the floor came too late', async (t) => {
  const record = { ...recordOf(), epoch: 9, floor: 7 }
  t.match(claim(record, 7, REPLACE), { kind: 'superseded' })
  t.match(claim(record, 8, REPLACE), { kind: 'stale' })
  t.match(claim(record, 9, REPLACE), { kind: 'stale' })
  t.match(claim(record, 10, REPLACE), { kind: 'seated' })
})

t.test(
  'seat: with every seat a later login’s, it came too late; else its number is too old',
  async (t) => {
    const record = recordOf(session(3), session(5))
    t.match(claim(record, 4, { ...REPLACE, limit: 1 }), { kind: 'superseded' })
    t.match(claim(record, 2, { ...REPLACE, limit: 2 }), { kind: 'superseded' })
    t.match(claim(record, 4, { ...REPLACE, limit: 2 }), { kind: 'stale' })
    const own = { ownSecretHash: session(5).secretHash }
    t.match(claim(record, 4, { ...REPLACE, limit: 2 }, own), { kind: 'stale' }, 'its own is none')
  },
)

t.test('replace: as many of the oldest logins leave as there are too many', async (t) => {
  const record = recordOf(session(1), session(2), session(3))
  for (const limit of [1, 2, 3]) {
    const outcome = claim(record, 4, { ...REPLACE, limit })
    assert(outcome.kind === 'seated')
    t.strictSame(epochs(outcome.record.live), [1, 2, 3, 4].slice(-limit), `limit ${limit}`)
  }
  t.match(claim(record, 4, { ...REPLACE, limit: 4 }), { replaced: [] })
  t.match(claim(record, 4, { ...REPLACE, limit: 3 }, { replace: 'id2' }), {
    replaced: [{ id: 'id2' }],
    record: { floor: 2 },
  })
})

t.test('refuse: only who was not seen for a while makes way, the oldest first', async (t) => {
  const seen = (epoch: number, ago: number) => ({ ...session(epoch), lastSeenAt: NOW - ago })
  t.match(claim(recordOf(seen(1, 999)), 2, REFUSE), { kind: 'full', sessions: [{ id: 'id1' }] })
  t.match(claim(recordOf(seen(1, 1_000)), 2, REFUSE), { kind: 'seated', replaced: [{ id: 'id1' }] })
  const two = { ...REFUSE, limit: 2 }
  t.match(claim(recordOf(seen(1, 10), seen(2, 2_000)), 3, two), { replaced: [{ id: 'id2' }] })
  t.match(claim(recordOf(seen(1, 2_000), seen(2, 2_000)), 3, two), { replaced: [{ id: 'id1' }] })
  t.match(claim(recordOf(seen(1, 10), seen(2, 10)), 3, two), { kind: 'full' })
})

t.test('refuse: naming a session does not open its seat', async (t) => {
  t.match(claim(recordOf(session(1)), 2, REFUSE, { replace: 'id1' }), { kind: 'full' })
})

t.test('ask: the session that is named makes way, and nothing else does', async (t) => {
  const record = recordOf(session(1))
  t.match(claim(record, 2, ASK, { replace: 'id1' }), { kind: 'seated', replaced: [{ id: 'id1' }] })
  for (const replace of [null, '', 'id2', 'someone'])
    t.match(claim(record, 2, ASK, { replace }), { kind: 'full' })
  t.match(claim(recordOf(session(1), session(2)), 3, { ...ASK, limit: 3 }), { replaced: [] })
})

t.test('full: nothing has changed but the number and what is known of the user', async (t) => {
  const record = { ...recordOf(session(1)), confirmedUnder: 'run', floor: 1 }
  const outcome = claim(record, 2, ASK)
  assert(outcome.kind === 'full')
  t.strictSame(outcome.record, { ...record, epoch: 2 })
})

t.test('under every policy the session of the same browser makes way, and counts nowhere', async (t) => {
  for (const policy of [REPLACE, REFUSE, ASK]) {
    const own = { ownSecretHash: session(1).secretHash }
    const outcome = claim(recordOf(session(1)), 2, policy, own)
    assert(outcome.kind === 'seated')
    t.strictSame(outcome.replaced, [])
    t.strictSame(epochs(outcome.record.live), [2])
    t.match(outcome.record, { floor: 1, ended: [{ id: 'id1', reason: 'session_replaced' }] })
  }
})

t.test('seat: of any record, any login leaves as many as the limit, itself among them', async () => {
  const policies = fc.record({
    limit: fc.integer({ min: 1, max: 3 }),
    onLimit: fc.constantFrom('replace' as const, 'refuse' as const, 'ask' as const),
    refuseWhileSeen: fc.constantFrom(0, 1_000),
  })
  fc.assert(
    fc.property(
      anyRecord,
      policies,
      fc.nat(),
      fc.nat({ max: 36 ** 9 }),
      (before, policy, epoch, now) => {
        const outcome = claim(before, epoch, policy, {}, now)
        if (outcome.kind === 'superseded' || outcome.kind === 'stale') return
        const { live, ended } = outcome.record
        assert.ok(live.length <= policy.limit)
        assert.ok(live.every((each) => deadline(each) > now || each.id === `id${epoch}`))
        assert.equal(live.at(-1)?.epoch === epoch, outcome.kind === 'seated')
        assert.ok(ended.length <= ENDED_KEPT)
        assert.ok(outcome.record.epoch > before.epoch)
      },
    ),
  )
})

t.test('settle: who is past a deadline has ended, for the one that came first', async (t) => {
  const both = { ...session(1), idleExpiresAt: NOW, expiresAt: NOW }
  const idle = { ...session(2), idleExpiresAt: NOW - 1 }
  const record = recordOf(both, idle, session(3))
  t.match(settle(record, 3, NOW), {
    live: [session(3)],
    ended: [
      { id: 'id1', reason: 'session_expired', at: NOW },
      { id: 'id2', reason: 'session_idle', at: NOW - 1 },
    ],
  })
  const same = recordOf(session(3))
  t.equal(settle(same, 1, NOW), same, 'nothing to do')
})

t.test('touch: only what lives, and only its own deadline', async (t) => {
  const record = recordOf(session(1), { ...session(2), expiresAt: NOW + 500 })
  t.match(touch(record, 'id1', 2_000, NOW), {
    live: [{ lastSeenAt: NOW, idleExpiresAt: NOW + 2_000 }, record.live[1]],
  })
  t.match(touch(record, 'id2', 2_000, NOW), { live: [record.live[0], { idleExpiresAt: NOW + 500 }] })
  t.equal(touch(record, 'id3', 2_000, NOW), null)
  t.equal(touch(record, 'id2', 2_000, NOW + 500), null, 'at its deadline')
})

t.test('end, closeBelow: those who are meant, and the logins on their way', async (t) => {
  const record = recordOf(session(1), session(2))
  t.equal(
    end(record, () => false, 'logged_out', NOW),
    record,
  )
  t.match(closeBelow(record, 2, 'session_revoked', NOW), {
    floor: 1,
    live: [session(2)],
    ended: [{ id: 'id1', reason: 'session_revoked', at: NOW, replacedBy: null }],
  })
  t.equal(closeBelow({ ...record, floor: 5 }, 2, 'session_revoked', NOW).floor, 5, 'never lowered')
})

t.test('renew: the same session under another secret, and only one that lives', async (t) => {
  const as = { id: 'id1', secretHash: 'new', epoch: 3 }
  const record = recordOf(session(1), session(2))
  t.match(renew(record, session(1).secretHash, as, 'password_changed', NOW), {
    live: [session(2), { ...session(1), ...as }],
    ended: [{ id: 'id1', reason: 'password_changed' }],
  })
  t.equal(renew(record, 'nobody', as, 'password_changed', NOW), null)
  t.equal(renew(record, session(1).secretHash, as, 'password_changed', NOW + 2_000), null)
})

t.test('keepUntil: 30 days longer than the longest session', async (t) => {
  const days = 30 * 24 * 60 * 60_000
  t.equal(keepUntil(recordOf(), NOW), NOW + days)
  t.equal(keepUntil(recordOf({ ...session(1), expiresAt: NOW + 5 }), NOW), NOW + 5 + days)
})

function session(epoch: number): LiveSession {
  return {
    ...{ id: `id${epoch}`, secretHash: `${epoch}`.padStart(43, 'x'), epoch, ip: '::1' },
    device: { name: null, os: null, browser: null },
    ...{ createdAt: NOW, lastSeenAt: NOW, idleExpiresAt: NOW + 1_000, expiresAt: NOW + 2_000 },
  }
}

function recordOf(...live: LiveSession[]): SeatRecord {
  const epoch = Math.max(0, ...epochs(live))
  return { ...emptyRecord(HOLDER), epoch, live }
}

function claim(
  before: SeatRecord | null,
  epoch: number,
  policy: SeatPolicy,
  more: { ownSecretHash?: string | null; replace?: string | null } = {},
  now = NOW,
) {
  const wish = { session: session(epoch), policy, ownSecretHash: null, replace: null, ...more }
  return seat(before, HOLDER, wish, now)
}

function epochs(sessions: readonly LiveSession[]): number[] {
  return sessions.map((each) => each.epoch)
}
