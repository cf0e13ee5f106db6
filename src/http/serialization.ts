import build from 'fast-json-stringify'
import type { FastifySerializerCompiler } from 'fastify'

/**
 * Only the fields that a reply's schema declares leave. It is compiled with the first such reply: to compile all of them
 * takes half of the time to start. The schema of a refusal is for the document only: `problems.ts` writes refusals, past this.
 */
export const compileSerializer: FastifySerializerCompiler<object> = ({ schema, httpStatus }) => {
  if (Number(httpStatus) >= 400) return JSON.stringify
  let serialize: ((reply: unknown) => string) | null = null
  return (reply) => {
    serialize ??= build(schema)
    return serialize(reply)
  }
}
