import { Type } from '@sinclair/typebox'
import t from 'tap'
import { compileSerializer } from '../../src/http/serialization.ts'

const SCHEMA = Type.Object({ name: Type.String() }, { additionalProperties: false })

t.test('only declared fields leave', async (t) => {
  t.equal(compile(SCHEMA)({ name: 'ann', passwordHash: 'x' }), '{"name":"ann"}')
})

t.test('the schema of a refusal is for the document: none is compiled', async (t) => {
  t.equal(compile(SCHEMA, '401'), compile(Type.Object({ id: Type.String() }), '503'))
})

function compile(schema: object, httpStatus = '200') {
  return compileSerializer({ schema, method: 'GET', url: '/', httpStatus })
}
