import { Type } from '@sinclair/typebox'
import t from 'tap'
import { compileSerializer } from '../../src/http/serialization.ts'

const SCHEMA = Type.Object({ name: Type.String() }, { additionalProperties: false })

t.test('only declared fields leave', async (t) => {
  t.equal(compile(SCHEMA)({ name: 'ann', passwordHash: 'x' }), '{"name":"ann"}')
})

t.test('a schema is compiled once, and each has a serialiser of its own', async (t) => {
  t.equal(compile(SCHEMA), compile(SCHEMA, '/another'))
  t.equal(compile(Type.Object({ id: Type.String() }))({ name: 'ann', id: '1' }), '{"id":"1"}')
})

function compile(schema: object, url = '/') {
  return compileSerializer({ schema, method: 'GET', url, httpStatus: '200' })
}
