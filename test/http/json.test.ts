import fc from 'fast-check'
import t from 'tap'
import { Refusal } from '../../src/errors.ts'
import { parseJson } from '../../src/http/json.ts'

const bytes = (text: string) => Buffer.from(text)

/** The error code that parsing ends in, null if it gives a value. */
function refusalOf(body: Uint8Array): string | null {
  try {
    parseJson(body)
    return null
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.code
  }
}

t.test('B1: what is not JSON is refused', async (t) => {
  for (const text of [
    '',
    '{"a":1',
    '{"a":1,}',
    '{"a":1} x',
    '// a\n{}',
    "{'a':1}",
    '{"a":NaN}',
    '{"a":"\u0000"}',
  ])
    t.equal(refusalOf(bytes(text)), 'malformed_json', JSON.stringify(text))
})

t.test('B2: a byte order mark is refused', async (t) => {
  t.equal(refusalOf(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes('{}')])), 'malformed_json')
})

t.test(
  'B7: a name that is given twice in one object is refused, also with the same value',
  async (t) => {
    for (const text of [
      '{"a":1,"a":2}',
      '{"a":1,"a":1}',
      '{"a":1,"\\u0061":2}',
      '{"a":{"b":1,"b":2}}',
      '[{"a":1,"a":1}]',
    ])
      t.equal(refusalOf(bytes(text)), 'malformed_json', text)
    t.strictSame(parseJson(bytes('{"a:":"b:\\"c:","d":[{"a:":1},{"a:":2}]}')), {
      'a:': 'b:"c:',
      d: [{ 'a:': 1 }, { 'a:': 2 }],
    })
  },
)

t.test('B8: a name that would reach a prototype is refused, however it is written', async (t) => {
  for (const text of [
    '{"__proto__":{"x":1}}',
    '{"\\u005f_proto__":{"x":1}}',
    '{"constructor":{"prototype":{"x":1}}}',
    '{"a":[{"__proto__":1}]}',
  ])
    t.equal(refusalOf(bytes(text)), 'malformed_json', text)
  t.equal(({} as Record<string, unknown>)['x'], undefined)
})

t.test('B11: bytes that are not UTF-8 are refused, never replaced', async (t) => {
  for (const body of [
    [0x22, 0xff, 0x22],
    [0x22, 0xc0, 0xaf, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
    [0x22, 0xe2, 0x82, 0x22],
    [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00],
  ])
    t.equal(refusalOf(Buffer.from(body)), 'malformed_json')
})

t.test('B12: a lone surrogate is refused, in a value and in a name', async (t) => {
  for (const text of ['"\\ud800"', '{"\\udc00":1}', '["\\ud800x\\udc00"]'])
    t.equal(refusalOf(bytes(text)), 'malformed_json', text)
  t.equal(parseJson(bytes('"\\ud83d\\ude00"')), '😀')
})

t.test('B17: deep nesting and many names are refused or read quickly', async (t) => {
  const begun = performance.now()
  const names = Array.from({ length: 60_000 }, (_, i) => `"n${i}":1`)
  t.equal(refusalOf(bytes(`{${names.join()}}`)), null)
  for (const text of [
    '['.repeat(100_000),
    '{"a":'.repeat(100_000),
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  ])
    t.equal(refusalOf(bytes(text)), 'malformed_json')
  t.ok(performance.now() - begun < 2_000, 'far more than any body may have')
  for (const text of [
    '['.repeat(4096) + ']'.repeat(4096),
    `${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}`,
  ])
    t.equal(refusalOf(bytes(text)), 'malformed_json')
  t.equal(refusalOf(bytes('[[[[[[[[1]]]]]]]]')), null)
  t.equal(refusalOf(bytes('[[[[[[[[[1]]]]]]]]]')), 'malformed_json')
})

t.test('B18: a number that no number holds is refused', async (t) => {
  t.equal(refusalOf(bytes('{"a":1e400}')), 'malformed_json')
  t.equal(refusalOf(bytes(`{"a":${'9'.repeat(5_000)}}`)), 'malformed_json')
  t.equal(refusalOf(bytes('{"a":-0}')), null)
})

t.test('any JSON with distinct harmless names is read as JSON.parse reads it', async () => {
  const name = fc
    .string({ unit: 'grapheme' })
    .filter((n) => !/^(__proto__|constructor|prototype)$/.test(n))
  const text = fc.string({ unit: 'grapheme' })
  const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))
  const object = fc.dictionary(name, fc.oneof(leaf, fc.array(leaf), fc.dictionary(name, leaf)))
  fc.assert(
    fc.property(object, fc.boolean(), (value, spaced) => {
      const json = JSON.stringify(value, null, spaced ? 2 : 0)
      return JSON.stringify(parseJson(bytes(json))) === JSON.stringify(JSON.parse(json))
    }),
  )
})

t.test('no bytes make it throw anything but a refusal', async () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (body) => refusalOf(body) !== undefined))
})
