import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { decodeRecord, encodeRecord } from '../../src/sessions/codec.ts'
import type { SessionRecord } from '../../src/sessions/record.ts'
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
  const given = fc.oneof(anyText(), fc.stringMatching(/^[12](\t\w*){4,8}(\n[+-](\t\w*)*)*$/))
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
  const [record] = fc.sample(anyRecord, { numRuns: 1, seed: 1 }) as [SessionRecord]
  const session = {
    ...{ id: 'id', secretHash: 'x'.repeat(43), epoch: 1, ip: '1\t2\n3' },
    device: { name: 'a\tb', os: '\n+\t', browser: '\t' },
    ...{ createdAt: 1, lastSeenAt: 1, idleExpiresAt: 1, expiresAt: 1 },
  }
  const user = { ...record.user, id: 'ann\tx\n', roles: ['a,b', 'c\td'], data: { text: '\t\n' } }
  const read = decodeRecord(encodeRecord({ ...record, user, live: [session], ended: [] }))
  t.match(read, {
    user,
    live: [{ ...session, ip: '1 2 3', device: { name: 'a b', os: ' + ', browser: ' ' } }],
  })
})

t.test('a record of a version before the first release', async (t) => {
  const head = ['1', '5', '2', 'run', 'd', 'u1', 'a', 'ann', 'admin,editor'].join('\t')
  const live = ['+', 'id', 'x'.repeat(43), '5', '1', '1', '1', '1', '::1', 'phone', '', ''].join('\t')
  const ended = ['-', 'id', 'prefix', 'logged_out', '1'].join('\t')
  const replaced = `${ended.replace('logged_out', 'session_replaced')}\t1\ts2\t::/48\t\t\t`
  t.match(decodeRecord([head, live, ended, replaced].join('\n')), {
    number: 5,
    stamp: 'run',
    user: {
      ...{ id: 'u1', roles: ['admin', 'editor'], disabled: true },
      data: { username: 'ann', createdAt: 10 },
    },
    live: [{ id: 'id', epoch: 5, device: { name: 'phone' } }],
    ended: [
      { reason: 'logged_out', number: 0, life: 0, replacedBy: null },
      { reason: 'session_replaced', replacedBy: { sessionId: 's2', ip: '::/48' } },
    ],
  })
  for (const broken of [head.replace('\t5', '\t-5'), head.replace('\ta\t', '\t\t'), `${head}\t`])
    t.equal(decodeRecord(broken), null)
  t.match(decodeRecord(head.replace('admin,editor', '')), { user: { roles: [] } })
})

t.test('what is no record', async (t) => {
  const head = ['2', '5', 'run', '', '["u1",[],null]'].join('\t')
  const hash = 'x'.repeat(43)
  const live = ['+', 'id', hash, '1', '1', '1', '1', '1', '::1', '', '', ''].join('\t')
  const ended = ['-', 'id', 'prefix', 'logged_out', '1', '5', '9'].join('\t')
  const replaced = `${ended}\t1\ts2\t::/48\t\t\t`
  t.not(decodeRecord([head, live, ended, replaced].join('\n')), null, 'this is one')
  for (const [what, text] of [
    ['nothing', ''],
    ['another format', head.replace('2', '3')],
    ['a user who is no JSON', head.replace('[', '')],
    ['a user whose id is no text', head.replace('"u1"', '1')],
    ['a user without roles', head.replace('[]', 'null')],
    ['a negative number', head.replace('5', '-5')],
    ['no number', head.replace('5', '')],
    ['a number with something behind it', head.replace('5', '5!')],
    ['a number that is none of ours', head.replace('5', 'zzzzzzzzzzzzzzzz')],
    ['an infinite number', head.replace('5', 'z'.repeat(400))],
    ['a short hash', [head, live.replace(hash, 'x')].join('\n')],
    ['a session without a deadline', [head, live.replace(/1\t::1/, '\t::1')].join('\n')],
    ['a session with too few fields', [head, live.slice(0, -1)].join('\n')],
    ['an unknown reason', [head, ended.replace('logged_out', 'bored')].join('\n')],
    ['an ending at no time', [head, ended.replace('\t1\t', '\t\t')].join('\n')],
    ['an ending under no number', [head, ended.replace('\t5', '\t')].join('\n')],
    ['an ending by a login at no time', [head, replaced.replace('1\ts2', '\ts2')].join('\n')],
    ['an unknown line', [head, '*'].join('\n')],
    ['a line too many', `${head}\n`],
  ] as const)
    t.equal(decodeRecord(text), null, what)
})
