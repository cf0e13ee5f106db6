import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import t from 'tap'
import { parse } from 'yaml'
import { EVENT_TYPES } from '../schemas/timeline.ts'
import { CATALOGUE, type ErrorCode } from '../src/errors.ts'
import type { JsonObject } from '../tools/json-schema.ts'
import { startService } from './support/service.ts'

const document = parse(readFileSync('openapi.yaml', 'utf8')) as {
  paths: Record<string, Record<string, JsonObject>>
  components: { schemas: Record<string, JsonObject>; examples: Record<string, { value: JsonObject }> }
}
const ajv = new Ajv2020({ strict: false, validateFormats: false })
/** By the text of their schemas. */
const validators = new Map<string, ValidateFunction>()
ajv.addSchema({ ...document, $id: 'openapi' })

/** Every media type of every operation, with where it stands. */
const media = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, operation]) => {
    const body = (operation['requestBody'] ?? {}) as JsonObject
    const responses = Object.entries(operation['responses'] as Record<string, JsonObject>)
    const all: [string, JsonObject][] = [['body', body], ...responses]
    return all.flatMap(([status, part]) =>
      Object.values((resolve(part)['content'] ?? {}) as Record<string, JsonObject>).map((content) => ({
        name: `${method.toUpperCase()} ${path} ${status}`,
        status,
        ...(content as {
          schema: JsonObject
          example?: JsonObject
          examples?: Record<string, JsonObject>
        }),
      })),
    )
  }),
)
const refusals = media.filter(({ status }) => Number(status) >= 400 || status === 'default')

t.test(
  'every body and every answer has an example, which is one that its schema describes',
  async (t) => {
    for (const { name, schema, example, examples } of media) {
      const given =
        examples === undefined
          ? [example]
          : Object.values(examples).map((each) => resolve(each)['value'])
      for (const each of given) t.equal(complaint(schema, each), null, name)
    }
  },
)

t.test('every refusal names its codes, and has an example for each', async (t) => {
  for (const { name, schema, status, examples = {} } of refusals) {
    const codes = codesOf(schema)
    t.ok(codes.length > 0, name)
    t.same(Object.keys(examples).sort(), codes.toSorted(), name)
    t.equal(new Set(codes).size, codes.length, `${name}: no code is of two schemas`)
    if (status === 'default') continue
    for (const code of codes) t.equal(CATALOGUE[code][0], Number(status), `${name} ${code}`)
  }
})

t.test('no code may be any text', async (t) => {
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    const { code } = (schema['properties'] ?? {}) as { code?: JsonObject }
    if (code !== undefined) t.ok(code['enum'], name)
  }
  const { TimelineEvent = {} } = document.components.schemas
  const { type = {} } = TimelineEvent['properties'] as { type?: JsonObject }
  t.same(type['enum'], EVENT_TYPES)
})

t.test('every code is somewhere in the document, unless no operation answers it', async (t) => {
  const told = new Set(refusals.flatMap(({ schema }) => codesOf(schema)))
  const untold = Object.keys(CATALOGUE).filter((code) => !told.has(code as ErrorCode))
  t.same(untold, ['method_not_allowed', 'not_implemented'])
})

t.test('what a code carries is there with it, and with no other', async (t) => {
  const carriers = Object.entries(document.components.schemas).flatMap(([name, { properties }]) => {
    const { replacedBy, sessions, errors, requestId } = (properties ?? {}) as JsonObject
    const carries =
      replacedBy ?? (name.endsWith('Problem') ? (sessions ?? errors ?? requestId) : undefined)
    return carries === undefined ? [] : [name]
  })
  t.same(carriers.sort(), [
    'InternalProblem',
    'InvalidRequestProblem',
    'SessionLimitReachedProblem',
    'SessionReplacedProblem',
  ])
})

t.test(
  'patterns mean the same with the `u` flag and without, and use nothing that other languages lack',
  async (t) => {
    const patterns = [...readFileSync('openapi.yaml', 'utf8').matchAll(/^ *pattern: (.+)$/gm)]
    t.ok(patterns.length > 5)
    for (const [, yaml = ''] of patterns) {
      const pattern = String(parse(yaml))
      const [bare, unicode] = [new RegExp(pattern), new RegExp(pattern, 'u')]
      for (const text of ['ann', 'Ännchen', 'a\0', 'a b', '', ' ann ', 'a\u{1f4f1}b', 'admin-1'])
        t.equal(bare.test(text), unicode.test(text), `${pattern} ${JSON.stringify(text)}`)
      t.notMatch(pattern, /\\[pPuUkd]|\(\?/, pattern)
    }
  },
)

t.test(
  'no schema takes the name of something that every language, or a browser, has already',
  async (t) => {
    const taken = new Set([...Object.getOwnPropertyNames(globalThis), ...BROWSERS, ...OTHERS])
    for (const name of Object.keys(document.components.schemas)) t.notOk(taken.has(name), name)
  },
)

t.test('the stream says what its events are', async (t) => {
  const stream = media.find(({ name }) => name === 'GET /me/events 200')
  t.same(stream?.schema['x-itemSchema'], {
    oneOf: [
      { $ref: '#/components/schemas/SessionEndedEvent' },
      { $ref: '#/components/schemas/SessionEndingEvent' },
    ],
  })
  const data = document.components.examples['session_replaced']?.value
  const schema = { $ref: '#/components/schemas/SessionEndedEvent' }
  t.equal(complaint(schema, { event: 'session.ended', data }), null)
  t.not(complaint(schema, { event: 'session.ended', data: { ...data, code: 'not_found' } }), null)
  const ending = { event: 'session.ending', data: { code: 'session_idle', at: '2026-11-27T09:30:00Z' } }
  t.equal(complaint({ $ref: '#/components/schemas/SessionEndingEvent' }, ending), null)
  t.not(complaint({ $ref: '#/components/schemas/SessionEndingEvent' }, { ...ending, data }), null)
})

t.test('the examples of sign-up and login are ones that the service takes', async (t) => {
  const browser = (await startService(t, 'sqlite')).browser()
  const exampleOf = (path: string) => media.find(({ name }) => name === `POST ${path} body`)?.example
  t.equal((await browser.post('/register', exampleOf('/register'))).status, 201)
  t.equal((await browser.post('/login', exampleOf('/login'))).status, 200)
})

function codesOf(schema: JsonObject): ErrorCode[] {
  const parts = (schema['oneOf'] ?? [schema]) as JsonObject[]
  return parts.flatMap((part) => {
    const { code } = (resolve(part)['properties'] ?? {}) as { code?: { enum?: ErrorCode[] } }
    return code?.enum ?? []
  })
}

function complaint(schema: JsonObject, value: unknown): string | null {
  const absolute = JSON.stringify(schema).replaceAll('"#/', '"openapi#/')
  const validate = validators.get(absolute) ?? ajv.compile(JSON.parse(absolute) as object)
  validators.set(absolute, validate)
  return validate(value) ? null : ajv.errorsText(validate.errors)
}

function resolve(node: JsonObject): JsonObject {
  const reference = node['$ref']
  if (typeof reference !== 'string') return node
  const steps = reference.replace('#/', '').split('/')
  return steps.reduce((at, step) => at[step] as JsonObject, document as unknown as JsonObject)
}

/** Names of the DOM that Node has not, and of Python's, Java's and Kotlin's own that one could think of. */
const BROWSERS = [
  'Credential',
  'Document',
  'Element',
  'History',
  'Node',
  'Notification',
  'Selection',
  'Window',
]
const OTHERS = [
  'Any',
  'Exception',
  'Integer',
  'List',
  'Long',
  'Object',
  'Result',
  'String',
  'Thread',
  'Unit',
]
