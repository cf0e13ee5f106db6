import fc from 'fast-check'
import { END_REASONS, type SessionRecord } from '../../src/sessions/record.ts'

/** Plain objects, as the rules make them. */
const object = <T>(of: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(of, { noNullPrototype: true })

const number = fc.nat({ max: 36 ** 10 - 1 })
const id = fc.stringMatching(/^[\w-]{12}$/)

/** What people type: any characters at all, except the two that separate. */
const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((name) => name.replace(/[\t\n]/g, ''))
const label = fc.option(text.filter((name) => name !== ''))
const device = object({ name: label, os: label, browser: label })
const ip = fc.oneof(fc.ipV4(), fc.ipV6())
const deviceKey = fc.stringMatching(/^[kn]\w{1,20}$/)

/** With what else a thing may have, or without. */
const maybe = <A, B>(sure: fc.Arbitrary<A>, more: fc.Arbitrary<B>): fc.Arbitrary<A | (A & B)> =>
  fc.oneof(
    sure,
    fc.tuple(sure, more).map(([a, b]) => ({ ...a, ...b })),
  )

const sureLive = object({
  id,
  secretHash: fc.stringMatching(/^[\w-]{43}$/),
  epoch: number,
  device,
  ip,
  createdAt: number,
  lastSeenAt: number,
  idleExpiresAt: number,
  expiresAt: number,
})
const live = maybe(sureLive, object({ deviceKey }))
const by = maybe(object({ sessionId: id, device, ip, at: number }), object({ deviceKey }))

const ended = object({
  id,
  hashPrefix: fc.stringMatching(/^[\w-]{22}$/),
  reason: fc.constantFrom(...END_REASONS),
  at: number,
  number,
  life: number,
  replacedBy: fc.option(by),
})

/** What an application keeps with a user: as JSON has it, where there is no minus zero. */
const anyData = fc
  .dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3, noNullPrototype: true })
  .map((data) => JSON.parse(JSON.stringify(data)) as Record<string, unknown>)

/** Any record that the rules could make. */
export const anyRecord: fc.Arbitrary<SessionRecord> = object({
  number,
  stamp: fc.stringMatching(/^[\w-]{0,24}$/),
  user: object({
    id: fc.string({ unit: 'grapheme', maxLength: 128 }),
    roles: fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 4 }),
    disabled: fc.boolean(),
    data: fc.option(anyData),
  }),
  live: fc.array(live, { maxLength: 4 }),
  ended: fc.array(ended, { maxLength: 6 }),
})
