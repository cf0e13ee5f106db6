import t from 'tap'
import { deviceKey, kickWarUntil, type Seat } from '../../src/sessions/kick-war.ts'
import type { EndedSession, SessionRecord } from '../../src/sessions/record.ts'

const NOW = 1_000_000
const PLAIN = { os: null, browser: 'Firefox' }
const seat = (key: string | undefined, name: string | null = null, ip = '203.0.113.0/24'): Seat => ({
  ...(key === undefined ? {} : { deviceKey: key }),
  ...{ device: { ...PLAIN, name }, ip },
})
const A = seat(deviceKey('a', true))
const B = seat(deviceKey('b', true))
const C = seat(deviceKey('c', true))

t.test('two devices that take the seat by turns have to wait, and nobody else has', async (t) => {
  for (const limit of [2, 3, 6, 15]) {
    // There was A, and then each of these took the seat from the one before it.
    const turns = Array.from({ length: limit }, (_, i) => (i % 2 === 0 ? B : A))
    const before = recordOf(turns.slice(0, -1), NOW)
    for (const each of [A, B, C]) t.equal(kickWarUntil(before, each, limit, NOW), null)
    const record = recordOf(turns, NOW)
    for (const each of [A, B]) t.equal(kickWarUntil(record, each, limit, NOW), NOW + 60_000)
    t.equal(kickWarUntil(record, A, limit, NOW + 59_999), NOW + 60_000)
    t.equal(kickWarUntil(record, A, limit, NOW + 60_000), null)
    t.equal(kickWarUntil(record, C, limit, NOW), null)
    t.equal(kickWarUntil(record, seat(deviceKey('d', false)), limit, NOW), null)
  }
})

t.test('they stay out when a third one has taken the seat', async (t) => {
  const record = recordOf([B, A, B, A, C], NOW)
  t.equal(kickWarUntil(record, B, 4, NOW), NOW - 1_000 + 60_000)
  t.equal(kickWarUntil(record, A, 4, NOW), NOW - 1_000 + 60_000)
  t.equal(kickWarUntil(record, C, 4, NOW), null)
})

t.test('nobody waits for longer than a minute because the clock was set back', async (t) => {
  for (const ms of [90_000, 3_600_000, 86_400_000]) {
    const until = kickWarUntil(recordOf([B, A, B, A], NOW + ms), A, 4, NOW) ?? NOW
    t.ok(until <= NOW + 60_000, String(until - NOW))
    t.equal(kickWarUntil(recordOf([B, A, B, A], NOW + ms), A, 4, NOW + ms + 60_000), null)
  }
  t.equal(kickWarUntil(recordOf([B, A, B, A], NOW + 3_600_000), A, 4, NOW), null)
})

t.test('that takes less than a minute', async (t) => {
  t.equal(kickWarUntil(recordOf([B, A, B, A], NOW, 20_001), A, 4, NOW), null)
  t.type(kickWarUntil(recordOf([B, A, B, A], NOW, 19_999), A, 4, NOW), 'number')
})

t.test('many devices that come one after another are at no war', async (t) => {
  const many = Array.from({ length: 30 }, (_, i) => seat(deviceKey(`${i}`, false)))
  t.equal(kickWarUntil(recordOf(many, NOW), many[0] as Seat, 3, NOW), null)
  const alike = Array.from({ length: 30 }, (_, i) => seat(deviceKey(`${i}`, false), 'laptop'))
  t.equal(kickWarUntil(recordOf(alike, NOW), seat(deviceKey('x', false), 'laptop'), 3, NOW), null)
})

t.test('one device that signs in again is not two', async (t) => {
  t.equal(kickWarUntil(recordOf([A, A, A, A, A], NOW), A, 2, NOW), null)
  t.equal(kickWarUntil(recordOf([], NOW), A, 2, NOW), null)
})

t.test('a device that was new and has been known since is the same', async (t) => {
  const [newA, newB] = [seat(deviceKey('a', false)), seat(deviceKey('b', false))]
  t.type(kickWarUntil(recordOf([newA, newB, A, B], NOW), A, 3, NOW), 'number')
})

t.test(
  'programs without cookies are told by the name that they give, and by their network',
  async (t) => {
    let count = 0
    const program = (name: string, ip?: string) => seat(deviceKey(`${count++}`, false), name, ip)
    const record = recordOf([program('b'), program('a'), program('b'), program('a')], NOW)
    t.type(kickWarUntil(record, program('b', '203.0.113.77'), 4, NOW), 'number')
    t.equal(kickWarUntil(record, program('b', '198.51.100.7'), 4, NOW), null)
    t.equal(kickWarUntil(record, program('c'), 4, NOW), null)
    t.equal(kickWarUntil(record, seat(deviceKey('z', false)), 4, NOW), null, 'one without a name')
    t.equal(kickWarUntil(record, seat(deviceKey('z', true), 'b'), 4, NOW), null, 'one that is known')
  },
)

t.test('only replacements count', async (t) => {
  const record = recordOf([B, A, B, A], NOW)
  const ended = record.ended.map((each) => ({
    ...each,
    reason: 'logged_out' as const,
    replacedBy: null,
  }))
  t.equal(kickWarUntil({ ...record, ended }, A, 2, NOW), null)
})

/** A record in which these took the seat one after another, the last of them at `last`. */
function recordOf(turns: readonly Seat[], last: number, every = 1_000): SessionRecord {
  const ended = turns.map((by, i): EndedSession => {
    const at = last - (turns.length - 1 - i) * every
    return {
      ...{ id: `s${i}`, hashPrefix: `h${i}`, reason: 'session_replaced', at, number: i, life: every },
      replacedBy: { sessionId: `s${i + 1}`, at, ...by },
    }
  })
  const user = { id: 'u', roles: [], disabled: false, data: null }
  return { number: 99, stamp: '', user, live: [], ended: ended.reverse() }
}
