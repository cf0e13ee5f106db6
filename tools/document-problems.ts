import { MEMBERS, Problem } from '../schemas/problem.ts'
import { CATALOGUE, type ErrorCode } from '../src/errors.ts'
import { ANY_CALL, NOT_SIGNED_IN } from '../src/http/refusals.ts'
import { exampleOf } from './example.ts'
import type { Json, JsonObject } from './json-schema.ts'

/** Where named parts of the document go. */
export type Components = { responses: JsonObject; schemas: JsonObject; examples: JsonObject }

/**
 * A response that is a refusal with one of these codes, as a reference. The response, its schemas and its examples become named
 * components; `fallback` is the name of a set of codes that no other operation has.
 */
export function refusalResponse(
  codes: readonly ErrorCode[],
  fallback: string,
  components: Components,
): JsonObject {
  const name = nameOf(codes, fallback)
  const headers = HEADERS[CATALOGUE[codes[0] as ErrorCode][0]]
  for (const code of codes) {
    components.examples[code] = { summary: CATALOGUE[code][1], value: exampleProblem(code) }
  }
  components.responses[name] = {
    description: codes
      .map((code) => `${CATALOGUE[code][1]} (\`${code}\`)`)
      .join(', ')
      .concat('.'),
    ...(headers !== undefined && name !== 'AnyRefusal' ? { headers } : {}),
    content: {
      'application/problem+json': {
        schema: problemSchema(codes, fallback, components),
        examples: Object.fromEntries(
          codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
        ),
      },
    },
  }
  return { $ref: `#/components/responses/${name}` }
}

/**
 * A problem with one of these codes, as references: one schema for all codes that have only the common members, and one for
 * each code with members of its own. Programs can tell them apart by `code`; a `discriminator` would add nothing, and some
 * generators replace the codes with the names of schemas then.
 */
export function problemSchema(
  codes: readonly ErrorCode[],
  fallback: string,
  { schemas }: Pick<Components, 'schemas'>,
): JsonObject {
  const plain = codes.filter((code) => MEMBERS[code] === undefined)
  const sets = codes.filter((code) => MEMBERS[code] !== undefined).map((code) => [code])
  if (plain.length > 0) sets.push(plain)
  const references = sets.map((set) => {
    const whole = set === plain && plain.length > 1
    const name = `${whole ? nameOf(codes, fallback) : pascal(set[0] as string)}Problem`
    schemas[name] = schemaOf(set)
    return { $ref: `#/components/schemas/${name}` }
  })
  return references.length === 1 ? (references[0] as JsonObject) : { oneOf: references }
}

/** `session_replaced` or `session.ended` as a name of ours. */
export function pascal(words: string): string {
  return words.replace(/(?:^|[_.])(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function schemaOf(codes: readonly ErrorCode[]): JsonObject {
  const { type, title, status, code, detail, ...members } = PROPERTIES
  const own = MEMBERS[codes[0] as ErrorCode] ?? []
  const properties = {
    ...{ type, title, status, code: { ...code, enum: [...codes] }, detail },
    ...Object.fromEntries(own.map((member) => [member, members[member] as JsonObject])),
  } as JsonObject
  return { type: 'object', required: Object.keys(properties), properties }
}

function exampleProblem(code: ErrorCode): JsonObject {
  const [status, title, detail] = CATALOGUE[code]
  const own = (MEMBERS[code] ?? []).map((member): [string, Json] => [
    member,
    exampleOf(PROPERTIES[member] as JsonObject, member),
  ])
  return { type: `urn:oneseat:error:${code}`, title, status, code, detail, ...Object.fromEntries(own) }
}

function nameOf(codes: readonly ErrorCode[], fallback: string): string {
  const key = [...codes].sort().join()
  const known = Object.entries(NAMES).find(([, set]) => [...set].sort().join() === key)
  return known?.[0] ?? (codes.length === 1 ? pascal(codes[0] as string) : fallback)
}

/** Sets of codes that several operations have. Others are named after their operation. */
const NAMES: Record<string, readonly ErrorCode[]> = {
  NotSignedIn: NOT_SIGNED_IN,
  InvalidBody: ['malformed_json', 'invalid_request'],
  Unavailable: ['overloaded', 'store_unavailable'],
  PasswordRefused: ['password_too_short', 'password_too_common'],
  AnyRefusal: ANY_CALL,
}

const RETRY = { 'Retry-After': header('When to try again, in seconds.') }
const HEADERS: Record<number, JsonObject> = {
  401: { 'WWW-Authenticate': header('How to sign in; absent where a password was wrong.') },
  429: RETRY,
  503: RETRY,
}

export function header(description: string): JsonObject {
  return { description, schema: { type: 'string' } }
}

const { properties: PROPERTIES } = JSON.parse(JSON.stringify(Problem)) as {
  properties: Record<string, JsonObject>
}
