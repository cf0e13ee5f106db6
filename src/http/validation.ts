import { Ajv } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'

/**
 * Bodies are taken as they are: no value is turned into another type, no unknown field is dropped in silence. A query
 * string has only text, so there numbers are read as numbers and a parameter given once is a list of one.
 */
export const compileValidator: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? strict : textual).compile(schema)

// That our schemas are schemas is seen when `openapi.yaml` is linted, and not at every start.
const COMMON = {
  allErrors: true,
  removeAdditional: false,
  useDefaults: false,
  strict: false,
  validateSchema: false,
} as const
const strict = new Ajv({
  ...COMMON,
  formats: { visible: /^[^\p{C}\u2028\u2029]*$/u },
  coerceTypes: false,
})
const textual = new Ajv({ ...COMMON, coerceTypes: 'array', useDefaults: true })
