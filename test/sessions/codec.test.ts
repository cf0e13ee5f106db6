import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { decodeRecord, encodeRecord } from '../../src/sessions/codec.ts'
import type { SeatRecord } from '../../src/sessions/record.ts'
import { anyText } from '../support/any-text.ts'
import { anyRecord } from './any-record.ts'

t.test('any record comes back as it was', async () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      assert.deepEqual(decodeRecord(encodeRecord(record)), record)
    }),
  )
})

t.test('any text is a record or none, and never an error', async () => {
  const given = fc.oneof(anyText(), fc.stringMatching(/^1(\t\w*){8}(\n[+-](\t\w*)*)*$/))
  fc.assert(
    fc.property(given, (text) => {
      const record = decodeRecord(text)
      if (record !== null) assert.deepEqual(decodeRecord(encodeRecord(record)), record)
    }),
  )
})

t.test('a record that was changed anywhere is a sound one or none', async () => {
  fc.assert(
    fc.property(
      anyRecord,
      fc.nat(),
      fc.nat(),
      fc.string({ maxLength: 3 }),
      (record, at, length, put) => {
        const text = encodeRecord(record)
        const start = at % text.length
        const changed = text.slice(0, start) + put + text.slice(start + (length % 4))
        const read = decodeRecord(changed)
        if (read !== null) assert.deepEqual(decodeRecord(encodeRecord(read)), read)
      },
    ),
  )
})

t.test('a name with a separator in it shifts no field', async (t) => {
  const [record] = fc.sample(anyRecord, { numRuns: 1, seed: 1 }) as [SeatRecord]
  const session = {
    ...{ id: 'id', secretHash: 'x'.repeat(43), epoch: 1, ip: '1\t2\n3' },
    device: { name: 'a\tb', os: '\n+\t', browser: '\t' },
    ...{ createdAt: 1, lastSeenAt: 1, idleExpiresAt: 1, expiresAt: 1 },
  }
  const holder = { ...record.holder, username: 'ann\tx', roles: ['a,b', 'c\td'] }
  const read = decodeRecord(encodeRecord({ ...record, holder, live: [session], ended: [] }))
  t.match(read, {
    holder: { id: record.holder.id, username: 'ann x', roles: ['a b', 'c d'] },
    live: [{ ...session, ip: '1 2 3', device: { name: 'a b', os: ' + ', browser: ' ' } }],
  })
})

t.test('what is no record', async (t) => {
  const head = ['1', '5', '0', 'run', '', 'u1', '0', 'ann', ''].join('\t')
  const hash = 'x'.repeat(43)
  const live = ['+', 'id', hash, '1', '1', '1', '1', '1', '::1', '', '', ''].join('\t')
  const ended = ['-', 'id', 'prefix', 'logged_out', '1'].join('\t')
  const replaced = `${ended}\t1\ts2\t::/48\t\t\t`
  t.not(decodeRecord([head, live, ended, replaced].join('\n')), null, 'this is one')
  for (const [what, text] of [
    ['nothing', ''],
    ['another format', head.replace('1', '2')],
    ['a user without an id', head.replace('u1', '')],
    ['a negative number', head.replace('5', '-5')],
    ['no number', head.replace('5', '')],
    ['a number with something behind it', head.replace('5', '5!')],
    ['a number that is none of ours', head.replace('5', 'zzzzzzzzzzzzzzzz')],
    ['an infinite number', head.replace('5', 'z'.repeat(400))],
    ['a short hash', [head, live.replace(hash, 'x')].join('\n')],
    ['a session without a deadline', [head, live.replace(/1\t::1/, '\t::1')].join('\n')],
    ['a session with too few fields', [head, live.slice(0, -1)].join('\n')],
    ['an unknown reason', [head, ended.replace('logged_out', 'bored')].join('\n')],
    ['an ending at no time', [head, ended.slice(0, -1)].join('\n')],
    ['an ending by a login at no time', [head, replaced.replace('1\ts2', '\ts2')].join('\n')],
    ['an unknown line', [head, '*'].join('\n')],
    ['a line too many', `${head}\n`],
  ] as const)
    t.equal(decodeRecord(text), null, what)
})
