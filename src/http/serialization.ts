import build from 'fast-json-stringify'
import type { FastifySerializerCompiler } from 'fastify'

/**
 * Sends only the fields that the schema of a reply declares. The schemas of refusals are not compiled: they are for
 * `openapi.yaml`, because `problems.ts` writes refusals itself, and compiling them all would take most of the start.
 */
export const compileSerializer: FastifySerializerCompiler<object> = ({ schema, httpStatus }) =>
  Number(httpStatus) >= 400 ? JSON.stringify : build(schema)
