import build from 'fast-json-stringify'
import type { FastifySerializerCompiler } from 'fastify'

/**
 * Only the fields that a reply's schema declares leave. The schema of a refusal is for the document only: `problems.ts` writes
 * refusals, past this. To compile one for each set of codes would be most of the time to start.
 */
export const compileSerializer: FastifySerializerCompiler<object> = ({ schema, httpStatus }) =>
  Number(httpStatus) >= 400 ? JSON.stringify : build(schema)
