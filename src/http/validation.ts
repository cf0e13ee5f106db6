import { Ajv } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'

/**
 * Validates bodies as they are: no value is converted to another type, and unknown fields are refused, not dropped. A query
 * string has only text, so there text is converted to numbers, and a single parameter to a list of one.
 */
export const compileValidator: FastifySchemaCompiler<object> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? strict : textual).compile(schema)

// That the schemas are valid is checked when `openapi.yaml` is linted, not at every start.
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
