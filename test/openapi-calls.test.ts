import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import t from 'tap'
import { parse } from 'yaml'
import { ADMIN } from '../src/accounts/accounts.ts'
import type { JsonObject } from '../tools/json-schema.ts'
import { type Answer, Browser } from './support/browser.ts'
import { makeUser } from './support/people.ts'
import { sampleOf } from './support/sample.ts'
import { startService } from './support/service.ts'

const document = parse(readFileSync('openapi.yaml', 'utf8')) as JsonObject
const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema({ ...document, $id: 'openapi' })

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const operations = Object.entries(document['paths'] as Record<string, JsonObject>).flatMap(
  ([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => ({
      path,
      method,
      operation: item[method] as JsonObject,
    })),
)

/** What is wrong with an answer by the document; null if it is one that the document promises. */
function complaint(path: string, method: string, operation: JsonObject, answer: Answer): string | null {
  const undressed = exposed(answer)
  if (undressed !== null) return undressed
  const promised = (operation['responses'] as JsonObject)[answer.status] as JsonObject | undefined
  if (promised === undefined) return `${answer.status} is not documented: ${JSON.stringify(answer.body)}`
  const reference = promised['$ref'] as string | undefined
  const pointer =
    reference?.slice(1) ?? `/paths/${path.replaceAll('/', '~1')}/${method}/responses/${answer.status}`
  const response = pointer
    .slice(1)
    .split('/')
    .reduce((node, step) => node[step.replaceAll('~1', '/')] as JsonObject, document)
  const content = response['content'] as JsonObject | undefined
  if (content === undefined) return answer.body === '' ? null : 'a body where none is documented'
  const type = answer.headers.get('content-type')?.split(';')[0] ?? ''
  if (!(type in content)) return `${type} is not documented`
  if (!type.endsWith('json')) return null
  const escaped = `${pointer}/content/${type.replace('/', '~1')}/schema`
  const validate = ajv.getSchema(`openapi#${encodeURI(escaped)}`)
  if (validate === undefined) return `no schema at ${escaped}`
  return validate(answer.body) ? null : ajv.errorsText(validate.errors)
}

/** What no answer may have in it, whatever was asked; null if it is clean. */
function exposed({ status, headers, body, setCookies }: Answer): string | null {
  if (status >= 500) return `${status} ${body.code}, with all stores there`
  const inside = /\bat .*:\d+:\d+|node_modules|\/src\/|SQLITE_|is not a function|\$argon2/
  if (status >= 400 && inside.test(JSON.stringify(body)))
    return `tells of the inside: ${JSON.stringify(body)}`
  for (const line of headers.getSetCookie())
    if (
      !/^oneseat(-device)?=[\w.%-]*; (Max-Age=\d+; )?Path=\/; (Expires=[^;]+; )?HttpOnly; SameSite=Lax$/.test(
        line,
      )
    )
      return `sets ${line}`
  return setCookies.length > 1 ? 'sets two cookies' : null
}

/** The operations that a session comes from. */
const BIRTHS = ['login', 'changeMyPassword']

const value = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 80 }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown> },
)

/** Bodies that are a little, or quite, other than the call takes. */
function bodies(sample: unknown): fc.Arbitrary<unknown> {
  const names = Object.keys(sample as object)
  return fc.oneof(
    fc.constant(sample),
    fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] }),
    fc.dictionary(fc.string(), value).map((more) => ({ ...(sample as object), ...more })),
    value,
  )
}

/** A dot, or two, is no segment of a path; what PostgreSQL has no place for is. */
const text = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
      .filter((s) => s.isWellFormed() && !/^\.\.?$/.test(s)),
  },
  { weight: 1, arbitrary: fc.constantFrom('\0', 'a\0b', '%', '\u202e', "' OR 1=1 --") },
)
const RUNS = { sqlite: 12, postgres: 5 }

for (const [engine, numRuns] of Object.entries(RUNS))
  t.test(
    `A 4.1.1, 16.5.1: whatever is sent to an operation, the answer is one that openapi.yaml promises [${engine}]`,
    async (t) => {
      const service = await startService(t, engine as keyof typeof RUNS, { env: { THROTTLE: 'off' } })
      for (const who of ['nobody', 'a user', 'an administrator'] as const) {
        for (const { path, method, operation } of operations) {
          if (operation['operationId'] === 'myEvents') continue // a stream that goes on; test/routes/my-events.test.ts
          await t.test(`${method} ${path} by ${who}`, async (t) => {
            const media = (
              (operation['requestBody'] as JsonObject | undefined)?.['content'] as JsonObject
            )?.['application/json'] as JsonObject | undefined
            const sample = media === undefined ? undefined : sampleOf(media, document)
            const inputs = fc.record({
              id: text,
              query: fc.dictionary(fc.constantFrom('limit', 'before', 'after', 'role', 'x'), text),
              body: sample === undefined ? fc.constant(undefined) : bodies(sample),
            })
            const jar = new Browser(service.url)
            const username = `u${Math.random().toString(36).slice(2)}`
            if (who !== 'nobody') {
              await makeUser(service, username, who === 'a user' ? [] : [ADMIN])
              t.equal((await jar.login(username)).status, 200)
            }
            await fc.assert(
              fc.asyncProperty(inputs, async ({ id, query, body }) => {
                const filled = path.replace(/\{\w+\}/g, encodeURIComponent(id))
                const search = new URLSearchParams(query).toString()
                const target = search === '' ? filled : `${filled}?${search}`
                const browser = jar.copy()
                const json = body === undefined ? undefined : JSON.stringify(body)
                const answer = await browser.request(method.toUpperCase(), target, json)
                const wrong = complaint(path, method, operation, answer)
                if (wrong !== null) throw new Error(wrong)
                const given = answer.setCookies.some((line) => /^oneseat=[^;]/.test(line))
                if (given && !BIRTHS.includes(String(operation['operationId'])))
                  throw new Error('gives a session')
              }),
              { numRuns },
            )
          })
        }
      }
    },
  )
