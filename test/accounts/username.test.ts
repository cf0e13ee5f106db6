import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { canonicalUsername, requireUsername } from '../../src/accounts/username.ts'
import { anyText } from '../support/any-text.ts'

t.test('one name however it is typed', async (t) => {
  for (const [typed, canonical] of [
    ['Ann', 'ann'],
    ['ANN', 'ann'],
    ['Ａｎｎ', 'ann'],
    ['Zoë', 'zoë'],
    ['Zoe\u0308', 'zoë'],
    ['ΑΣ', 'ας'],
    ['ﬁona', 'fiona'],
    ['o’neill@example.org', 'o’neill@example.org'],
    ['李小龍', '李小龍'],
    ['😀', '😀'],
    [' ann ', 'ann'],
    ['\tann\u00a0\n', 'ann'],
  ] as const)
    t.equal(canonicalUsername(typed), canonical)
})

t.test('a name is 1 to 254 characters, counted as people count them', async (t) => {
  t.equal(canonicalUsername(''), null)
  t.equal(canonicalUsername(' \t'), null)
  t.equal(canonicalUsername('a'.repeat(254)), 'a'.repeat(254))
  t.equal(canonicalUsername('a'.repeat(255)), null)
  t.equal(canonicalUsername('😀'.repeat(254)), '😀'.repeat(254))
  t.equal(canonicalUsername('😀'.repeat(255)), null)
  t.equal(canonicalUsername('ﬃ'.repeat(85)), null, 'one that would become longer')
  t.equal(canonicalUsername('\ufdfa'), null, 'one that would become many words')
})

t.test('nothing in a name is invisible', async (t) => {
  for (const invisible of [
    ...[' ', '\t', '\n', '\0', '\x7f', '\xa0', '\u2003', '\u3000'],
    ...['\u200b', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u202e', '\u2066', '\u061c'],
    ...['\ufe0f', '\u034f', '\u115f', '\u3164', '\uffa0', '\u2800', '\u17b4', '\u180b', '\u{e0100}'],
    ...['\ud800', '\udc00', '\ue000', '\uffff', '\u{e0041}'],
  ])
    t.equal(canonicalUsername(`an${invisible}n`), null, `U+${invisible.codePointAt(0)?.toString(16)}`)
})

t.test('every single character that makes a name makes a canonical one', async () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const canonical = canonicalUsername(String.fromCodePoint(code))
    if (canonical === null) continue
    assert.equal(canonicalUsername(canonical), canonical, `U+${code.toString(16)}`)
  }
})

t.test('of any text, the canonical form is its own', async () => {
  const anyName = fc.oneof(anyText({ maxLength: 8 }), fc.string({ unit: 'grapheme' }))
  fc.assert(
    fc.property(anyName, (name) => {
      const canonical = canonicalUsername(name)
      if (canonical === null) return
      assert.equal(canonicalUsername(canonical), canonical)
      assert.equal(canonicalUsername(name.normalize('NFD')), canonical)
      assert.ok(canonical.isWellFormed())
    }),
    { numRuns: 2_000 },
  )
})

t.test('what is no name is refused, naming the field', async (t) => {
  t.equal(requireUsername('Ann'), 'ann')
  t.throws(() => requireUsername('a b'), {
    code: 'invalid_request',
    members: { errors: [{ path: '/username', message: /visible/ }] },
  })
})
