import fc from 'fast-check'
import { END_REASONS, type SeatRecord } from '../../src/sessions/record.ts'

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

const live = object({
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

const ended = object({
  id,
  hashPrefix: fc.stringMatching(/^[\w-]{22}$/),
  reason: fc.constantFrom(...END_REASONS),
  at: number,
  replacedBy: fc.option(object({ sessionId: id, device, ip, at: number })),
})

/** Any record that the rules could make. */
export const anyRecord: fc.Arbitrary<SeatRecord> = object({
  epoch: number,
  floor: number,
  confirmedUnder: fc.stringMatching(/^[0-9a-f]{0,24}$/),
  holder: object({
    id,
    username: text,
    roles: fc.array(fc.stringMatching(/^[a-z][a-z0-9_-]{0,31}$/), { maxLength: 4 }),
    createdAt: number,
    disabled: fc.boolean(),
  }),
  live: fc.array(live, { maxLength: 4 }),
  ended: fc.array(ended, { maxLength: 6 }),
})
