import { readFileSync } from 'node:fs'
import swagger from '@fastify/swagger'
import { stringify } from 'yaml'
import type { Components } from './document-problems.ts'
import { documentReplies } from './document-replies.ts'
import { exampleOf } from './example.ts'
import { byName, hoistTitled, type Json, type JsonObject } from './json-schema.ts'
import { mountedApi } from './mounted-api.ts'

/** The OpenAPI 3.1 document of the routes as they are mounted, as YAML; the same text for the same routes. */
export async function describeApi(): Promise<string> {
  const app = await mountedApi(async (bare) => {
    await bare.register(swagger, {
      openapi: { openapi: '3.1.0', components: { securitySchemes: SCHEMES } },
    })
  })
  const described = JSON.parse(JSON.stringify(app.swagger())) as { paths: JsonObject }
  await app.close()
  return stringify(toDocument(described.paths), {
    lineWidth: 100,
    aliasDuplicateObjects: false,
    customTags: (tags) => [...tags, TIME],
  })
}

/** Has times put into quotes: readers of YAML 1.1 take a bare one for a date. */
const TIME = {
  tag: 'tag:yaml.org,2002:timestamp',
  default: true,
  test: /^\d{4}-\d\d-\d\d/,
  resolve: (text: string) => text,
} as const

function toDocument(described: JsonObject): JsonObject {
  const components: Components = { responses: {}, schemas: {}, examples: {} }
  for (const [path, operations] of Object.entries(
    described as Record<string, Record<string, JsonObject>>,
  )) {
    for (const [method, operation] of Object.entries(operations)) {
      operations[method] = toOperation(path, operation, components)
    }
  }
  const schemas: JsonObject = {}
  const paths = hoistTitled(byName(described), schemas)
  Object.assign(schemas, hoistTitled(components.schemas, schemas))
  return {
    openapi: '3.1.0',
    info: INFO,
    servers: [{ url: '/', description: 'The instance that serves this document.' }],
    security: [{ session: [] }, { token: [] }],
    tags: TAGS.map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      securitySchemes: SCHEMES,
      responses: byName(components.responses),
      schemas: byName(schemas),
      examples: byName(components.examples),
    },
  }
}

/** The operation with its members in the order in which one reads them. */
function toOperation(path: string, operation: JsonObject, components: Components): JsonObject {
  const { operationId, summary, parameters, requestBody, responses: _, ...rest } = operation
  return {
    operationId: operationId as Json,
    summary: summary as Json,
    tags: [tagOf(path)],
    ...(parameters === undefined ? {} : { parameters: (parameters as JsonObject[]).map(toParameter) }),
    ...(requestBody === undefined ? {} : { requestBody: toBody(requestBody as JsonObject) }),
    ...rest,
    responses: documentReplies(operation, components),
  }
}

function toParameter({ name, in: where, ...rest }: JsonObject): JsonObject {
  const example = exampleOf(rest['schema'] as JsonObject, name as string)
  return { name: name as Json, in: where as Json, example, ...rest }
}

function toBody({ content, ...rest }: JsonObject): JsonObject {
  const media = Object.entries(content as Record<string, JsonObject>)
  const withExamples = media.map(([type, { schema, example }]) => [
    type,
    { schema: schema as Json, example: example ?? exampleOf(schema as JsonObject) },
  ])
  return { ...rest, content: Object.fromEntries(withExamples) as JsonObject }
}

function tagOf(path: string): string {
  const tag = TAGS.find(({ paths }) => paths.test(path))
  if (tag === undefined) throw new Error(`${path} belongs to no tag`)
  return tag.name
}

const TAGS = [
  {
    name: 'Sessions',
    description: 'Sign up, in and out.',
    paths: /^\/(register|login|logout|sessions)/,
  },
  {
    name: 'Links',
    description: 'With a link from a mail or from an administrator.',
    paths: /^\/(password|email|\.well-known)\//,
  },
  { name: 'My account', description: 'Who I am, and where I am signed in.', paths: /^\/me\b/ },
  { name: 'Check', description: 'For other backends and proxies.', paths: /^\/verify/ },
  {
    name: 'Administration',
    description: 'Needs the role `admin`, or a service key for it.',
    paths: /^\/admin\//,
  },
  { name: 'Operation', description: 'For those who run it.', paths: /^\/(health|metrics|docs|openapi)/ },
]

const { version, description, license } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as Record<string, Json>

const INFO: JsonObject = {
  title: 'Oneseat',
  version: version as Json,
  description: `${description}\n\nEvery error is an RFC 9457 problem with a \`code\`; docs/errors.md lists them all.\n`,
  license: { name: license as Json, identifier: license as Json },
}

const SESSION = {
  type: 'apiKey',
  in: 'cookie',
  name: 'oneseat',
  description:
    'Set by `POST /login`. Its name is `COOKIE_NAME`; with `COOKIE_SECURE=true` it has `__Host-` in front, with a domain `__Secure-`.',
} as const

const SCHEMES = {
  session: SESSION,
  token: {
    type: 'http',
    scheme: 'bearer',
    description:
      'The same secret for a native app: what `POST /login` gives with `transport: "token"`. Never in a browser.',
  },
  serviceKey: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A program of the operator: `osk_…`, made by `oneseat keys add`. It takes no seat and has no session.',
  },
} as const
