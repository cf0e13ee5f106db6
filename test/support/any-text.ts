import fc from 'fast-check'

/**
 * One code point, surrogates excepted; every third is ASCII, where most grammars live. fast-check's `unit: 'binary'` takes a
 * second to list all of them first.
 */
const codePoint = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0x80, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((code) => String.fromCodePoint(code))

/** Any text of code points, none of which is half of another. */
export function anyText(constraints: { maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ unit: codePoint, ...constraints })
}
