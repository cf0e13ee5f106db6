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

function compile(httpPart: string) {
  return compileValidator({ schema: SCHEMA, method: 'GET', url: '/', httpPart }) as (
    data: unknown,
  ) => boolean
}
