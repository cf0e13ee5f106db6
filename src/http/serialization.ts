import build from 'fast-json-stringify'
import type { FastifySerializerCompiler } from 'fastify'

/**
 * Only the fields that a reply's schema declares leave. Each schema is compiled once, however many replies share it: a
 * refusal has the same one everywhere, and to compile it for every route would be a third of the time to start.
 */
export const compileSerializer: FastifySerializerCompiler<object> = ({ schema }) => {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const serialize = build(schema)
  compiled.set(schema, serialize)
  return serialize
}

const compiled = new WeakMap<object, ReturnType<typeof build>>()
