import { Type } from '@sinclair/typebox'
import t from 'tap'
import { compileValidator } from '../../src/http/validation.ts'

const SCHEMA = Type.Object(
  { limit: Type.Optional(Type.Integer()), role: Type.Optional(Type.Array(Type.String())) },
  { additionalProperties: false },
)

t.test(
  'a body is taken as it is: nothing is turned into another type, nothing is dropped',
  async (t) => {
    const accepts = compile('body')
    t.ok(accepts({ limit: 1, role: ['a'] }))
    for (const wrong of [
      { limit: '1' },
      { limit: [1] },
      { role: 'a' },
      { limit: null },
      { more: 1 },
      [],
    ]) {
      t.notOk(accepts(structuredClone(wrong)))
    }
  },
)

t.test('a query string has only text: numbers are read, and one value is a list of one', async (t) => {
  const accepts = compile('querystring')
  const query = { limit: '20', role: 'a' }
  t.ok(accepts(query))
  t.strictSame(query, { limit: 20, role: ['a'] })
  for (const wrong of [{ limit: '1.5' }, { limit: 'x' }, { more: '1' }]) t.notOk(accepts({ ...wrong }))
})

t.test('visible text has nothing invisible in it', async (t) => {
  const accepts = compile('body', Type.Object({ name: Type.String({ format: 'visible' }) }))
  for (const name of ['laptop', 'Ännchens 📱', 'a b']) t.ok(accepts({ name }), name)
  for (const hidden of ['\u0000', '\u200b', '\u202e', '\u2028', '\ufeff', '\u{e0041}'])
    t.notOk(accepts({ name: `a${hidden}b` }), `U+${hidden.codePointAt(0)?.toString(16)}`)
})

function compile(httpPart: string, schema: object = SCHEMA) {
  return compileValidator({ schema, method: 'GET', url: '/', httpPart }) as (data: unknown) => boolean
}
