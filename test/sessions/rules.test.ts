import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { NumberedUser } from '../../src/sessions/numbers.ts'
import type { LimitPolicy } from '../../src/sessions/options.ts'
import { ENDED_KEPT, type LiveSession, type SessionRecord } from '../../src/sessions/record.ts'
import {
  applyUser,
  deadline,
  emptyRecord,
  end,
  expire,
  keepUntil,
  renew,
  signIn,
  touch,
} from '../../src/sessions/rules.ts'
import { anyRecord } from './any-record.ts'

const NOW = 1_000_000
const DAY = 86_400_000
const USER: NumberedUser = {
  ...{ id: 'u1', handle: 'h1', number: 0, credentialNumber: 0 },
  ...{ roles: [], disabled: false, deleted: false, data: null },
}
const REPLACE: LimitPolicy = { limit: 1, onLimit: 'replace', refuseWhileSeen: 0 }
const REFUSE: LimitPolicy = { limit: 1, onLimit: 'refuse', refuseWhileSeen: 1_000 }
const ASK: LimitPolicy = { limit: 1, onLimit: 'ask', refuseWhileSeen: 0 }

t.test('signIn: the first session of a user', async (t) => {
  t.strictSame(claim(recordOf(), 1, REPLACE), {
    kind: 'signed in',
    replaced: [],
    record: { ...emptyRecord(USER), number: 1, live: [session(1)] },
  })
})

t.test(
  'signIn: with later logins in all places it came too late; else its number is used up',
  async (t) => {
    const record = recordOf(session(3), session(5))
    t.match(claim(record, 4, { ...REPLACE, limit: 1 }), { kind: 'superseded' })
    t.match(claim(record, 2, { ...REPLACE, limit: 2 }), { kind: 'superseded' })
    t.match(claim(record, 4, { ...REPLACE, limit: 2 }), { kind: 'outdated' })
    const own = { ownSecretHash: session(5).secretHash }
    t.match(claim(record, 4, { ...REPLACE, limit: 2 }, own), { kind: 'outdated' }, 'its own is none')
    t.match(claim({ ...recordOf(), number: 9 }, 9, REPLACE), { kind: 'outdated' }, 'nobody won')
    t.match(claim({ ...recordOf(), number: 9 }, 10, REPLACE), { kind: 'signed in' })
  },
)

t.test('signIn: a login that comes again is the same session, and none that has ended', async (t) => {
  const record = recordOf(session(3))
  const again = claimAgain({ ...record, number: 3 })
  t.match(again, {
    kind: 'signed in',
    replaced: [],
    record: { live: [{ id: 'id3', epoch: 4 }], ended: [] },
  })
  const ended = end({ ...record, number: 3 }, () => true, 'logged_out', NOW)
  t.match(claimAgain(ended), { kind: 'ended' })
  const old = { ...session(3), idleExpiresAt: NOW - 1 }
  t.match(claimAgain({ ...recordOf(old), number: 3 }), { kind: 'ended' })
  const lost = end({ ...record, number: 3 }, () => true, 'session_lost', NOW)
  t.match(claimAgain(lost), { kind: 'signed in', record: { live: [{ id: 'id3' }], ended: [] } })
})

t.test('replace: as many of the oldest logins leave as there are too many', async (t) => {
  const record = recordOf(session(1), session(2), session(3))
  for (const limit of [1, 2, 3]) {
    const outcome = claim(record, 4, { ...REPLACE, limit })
    assert(outcome.kind === 'signed in')
    t.strictSame(epochs(outcome.record.live), [1, 2, 3, 4].slice(-limit), `limit ${limit}`)
  }
  t.match(claim(record, 4, { ...REPLACE, limit: 4 }), { replaced: [] })
  t.match(claim(record, 4, { ...REPLACE, limit: 3 }, { replace: 'id2' }), {
    replaced: [{ id: 'id2' }],
  })
})

t.test(
  'refuse: only sessions that were not used for a while are replaced, the oldest first',
  async (t) => {
    const seen = (epoch: number, ago: number) => ({
      ...session(epoch),
      ...{ createdAt: NOW - 10_000, lastSeenAt: NOW - ago },
    })
    t.match(claim(recordOf(seen(1, 999)), 2, REFUSE), { kind: 'full', sessions: [{ id: 'id1' }] })
    t.match(claim(recordOf(seen(1, 1_000)), 2, REFUSE), { kind: 'signed in', replaced: [{ id: 'id1' }] })
    const two = { ...REFUSE, limit: 2 }
    t.match(claim(recordOf(seen(1, 10), seen(2, 2_000)), 3, two), { replaced: [{ id: 'id2' }] })
    t.match(claim(recordOf(seen(1, 2_000), seen(2, 2_000)), 3, two), { replaced: [{ id: 'id1' }] })
    t.match(claim(recordOf(seen(1, 10), seen(2, 10)), 3, two), { kind: 'full' })
  },
)

t.test('the clock was set back: nobody is kept out, and a session that is used idles out', async (t) => {
  const later = { createdAt: NOW + DAY, lastSeenAt: NOW + DAY + 1, expiresAt: NOW + 2 * DAY }
  const ahead = recordOf({ ...session(1), ...later, idleExpiresAt: NOW + DAY + 1_000 })
  t.match(claim(ahead, 2, REFUSE), { kind: 'signed in', replaced: [{ id: 'id1' }] })
  const [used] = touch(ahead, 'id1', 1_000, NOW)?.live ?? []
  t.ok((used?.idleExpiresAt ?? DAY) < NOW + 10_000)
  t.not(used?.lastSeenAt, used?.createdAt)
})

t.test('refuse: naming a session does not end it', async (t) => {
  t.match(claim(recordOf(session(1)), 2, REFUSE, { replace: 'id1' }), { kind: 'full' })
})

t.test('ask: the session that is named is replaced, and no other', async (t) => {
  const record = recordOf(session(1))
  t.match(claim(record, 2, ASK, { replace: 'id1' }), { kind: 'signed in', replaced: [{ id: 'id1' }] })
  for (const replace of [null, '', 'id2', 'someone'])
    t.match(claim(record, 2, ASK, { replace }), { kind: 'full' })
  t.match(claim(recordOf(session(1), session(2)), 3, { ...ASK, limit: 3 }), { replaced: [] })
})

t.test('full: nothing has changed but the number and what is known of the user', async (t) => {
  const record = { ...recordOf(session(1)), stamp: 'run' }
  const outcome = claim(record, 2, ASK)
  assert(outcome.kind === 'full')
  t.strictSame(outcome.record, { ...record, number: 2 })
})

t.test(
  'under every policy the session of the same browser is replaced, and counts nowhere',
  async (t) => {
    for (const policy of [REPLACE, REFUSE, ASK]) {
      const own = { ownSecretHash: session(1).secretHash }
      const outcome = claim(recordOf(session(1)), 2, policy, own)
      assert(outcome.kind === 'signed in')
      t.strictSame(outcome.replaced, [])
      t.strictSame(epochs(outcome.record.live), [2])
      t.match(outcome.record, { ended: [{ id: 'id1', reason: 'session_replaced' }] })
    }
  },
)

t.test('signIn: of any record, any login leaves as many as the limit, itself among them', async () => {
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
        if (!('record' in outcome)) return
        const { live, ended } = outcome.record
        assert.ok(live.length <= policy.limit)
        assert.ok(live.every((each) => deadline(each) > now || each.id === `id${epoch}`))
        assert.equal(live.at(-1)?.epoch === epoch, outcome.kind === 'signed in')
        assert.ok(ended.length <= ENDED_KEPT)
        assert.ok(outcome.record.number > before.number)
      },
    ),
  )
})

t.test('expire: who is past a deadline has ended, for the one that came first', async (t) => {
  const both = { ...session(1), idleExpiresAt: NOW, expiresAt: NOW }
  const idle = { ...session(2), idleExpiresAt: NOW - 1 }
  const record = recordOf(both, idle, session(3))
  t.match(expire(record, 3, NOW), {
    live: [session(3)],
    ended: [
      { id: 'id1', reason: 'session_expired', at: NOW },
      { id: 'id2', reason: 'session_idle', at: NOW - 1 },
    ],
  })
  const same = recordOf(session(3))
  t.equal(expire(same, 1, NOW), same, 'nothing to do')
})

t.test(
  'touch: only a live session, and only its own deadline; one that was used is told from one that was not',
  async (t) => {
    const record = recordOf(session(1), { ...session(2), expiresAt: NOW + 500 })
    t.match(touch(record, 'id1', 2_000, NOW), {
      live: [{ lastSeenAt: NOW + 1, idleExpiresAt: NOW + 2_000 }, record.live[1]],
    })
    t.match(touch(record, 'id2', 2_000, NOW), { live: [record.live[0], { idleExpiresAt: NOW + 500 }] })
    t.equal(touch(record, 'id3', 2_000, NOW), null)
    t.equal(touch(record, 'id2', 2_000, NOW + 500), null, 'at its deadline')
  },
)

t.test('end: those who are meant', async (t) => {
  const record = recordOf(session(1), session(2))
  t.equal(
    end(record, () => false, 'logged_out', NOW),
    record,
  )
  t.match(
    end(record, (s) => s.epoch === 1, 'session_revoked', NOW),
    {
      live: [session(2)],
      ended: [{ id: 'id1', reason: 'session_revoked', at: NOW, number: 2, replacedBy: null }],
    },
  )
})

t.test('applyUser: what SQL says of the user, and who is out by that', async (t) => {
  const record = recordOf(session(1), session(2))
  const user = { ...USER, number: 3, roles: ['editor'], data: { a: 1 } }
  t.strictSame(applyUser(record, user, NOW), {
    ...record,
    number: 3,
    user: { id: 'u1', roles: ['editor'], disabled: false, data: { a: 1 } },
  })
  t.match(applyUser(record, { ...user, credentialNumber: 2 }, NOW), {
    live: [session(2)],
    ended: [{ id: 'id1', reason: 'password_changed', number: 3 }],
  })
  t.match(applyUser(record, { ...user, disabled: true }, NOW), {
    live: [],
    ended: [{ reason: 'user_disabled' }, { reason: 'user_disabled' }],
  })
  t.match(applyUser(record, { ...user, deleted: true, disabled: true }, NOW), {
    user: { disabled: true },
    ended: [{ reason: 'user_deleted' }, { reason: 'user_deleted' }],
  })
  t.equal(applyUser({ ...record, number: 9 }, user, NOW).number, 9, 'never lowered')
})

t.test(
  'of too many endings the newest stay, and before them those of the sessions that lasted longest',
  async (t) => {
    const lived = (epoch: number, life: number) => ({ ...session(epoch), createdAt: NOW - life })
    let record = recordOf()
    const endOne = (epoch: number, life: number) => {
      record = end(
        { ...record, number: epoch, live: [lived(epoch, life)] },
        () => true,
        'logged_out',
        NOW,
      )
    }
    const kept = () => record.ended.map(({ id }) => id)
    const MINUTE = 60_000
    for (let epoch = 1; epoch <= 40; epoch++) endOne(epoch, epoch * MINUTE)
    for (let epoch = 41; epoch < 300; epoch++) endOne(epoch, 1)
    const newest = Array.from({ length: ENDED_KEPT - 40 }, (_, i) => `id${299 - i}`)
    const lasting = Array.from({ length: 40 }, (_, i) => `id${40 - i}`)
    t.strictSame(kept(), [...newest, ...lasting])
    endOne(300, 1)
    t.ok(kept().includes('id300'), 'the newest is told, however short it was')
    t.strictSame(kept().length, ENDED_KEPT)
  },
)

t.test('of as many that lasted as long the newest are kept', async (t) => {
  let record = recordOf()
  for (let epoch = 1; epoch <= 2 * ENDED_KEPT; epoch++)
    record = end({ ...record, number: epoch, live: [session(epoch)] }, () => true, 'logged_out', NOW)
  const newest = Array.from({ length: ENDED_KEPT }, (_, i) => `id${2 * ENDED_KEPT - i}`)
  t.strictSame(
    record.ended.map(({ id }) => id),
    newest,
  )
})

t.test('renew: the same session under another secret, and only one that lives', async (t) => {
  const as = { secretHash: 'new', epoch: 3 }
  const record = recordOf(session(1), session(2))
  t.match(renew(record, session(1).secretHash, as, NOW), {
    live: [session(2), { ...session(1), ...as }],
    ended: [{ id: 'id1', reason: 'password_changed' }],
  })
  t.equal(renew(record, 'nobody', as, NOW), null)
  t.equal(renew(record, session(1).secretHash, as, NOW + 2_000), null)
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

function recordOf(...live: LiveSession[]): SessionRecord {
  const number = Math.max(0, ...epochs(live))
  return { ...emptyRecord(USER), number, live }
}

function claim(
  before: SessionRecord,
  epoch: number,
  policy: LimitPolicy,
  more: { ownSecretHash?: string | null; replace?: string | null } = {},
  now = NOW,
) {
  const wish = { session: session(epoch), policy, ownSecretHash: null, replace: null, ...more }
  return signIn(before, { ...USER, number: epoch }, wish, now)
}

/** The login of the third session, under the number 4. */
function claimAgain(before: SessionRecord) {
  const again = { ...session(3), epoch: 4 }
  const wish = { session: again, policy: REPLACE, ownSecretHash: null, replace: null }
  return signIn(before, { ...USER, number: 4 }, wish, NOW)
}

function epochs(sessions: readonly LiveSession[]): number[] {
  return sessions.map((each) => each.epoch)
}
