import { readFileSync } from 'node:fs'
import swagger from '@fastify/swagger'
import { stringify } from 'yaml'
import { documentReplies } from './document-replies.ts'
import { byName, hoistTitled, type Json, type JsonObject } from './json-schema.ts'
import { mountedApi } from './mounted-api.ts'

/** The OpenAPI 3.1 document of the routes as they are mounted, as YAML; the same text for the same routes. */
export async function describeApi(): Promise<string> {
  const app = await mountedApi(async (bare) => {
    await bare.register(swagger, {
      openapi: { openapi: '3.1.0', components: { securitySchemes: { session: SESSION } } },
    })
  })
  const described = JSON.parse(JSON.stringify(app.swagger())) as { paths: JsonObject }
  await app.close()
  return stringify(toDocument(described.paths), { lineWidth: 100, aliasDuplicateObjects: false })
}

function toDocument(described: JsonObject): JsonObject {
  const schemas: JsonObject = {}
  const responses: JsonObject = {}
  const paths = hoistTitled(byName(described), schemas) as Record<string, Record<string, JsonObject>>
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      operations[method] = toOperation(path, operation, responses)
    }
  }
  return {
    openapi: '3.1.0',
    info: INFO,
    servers: [{ url: '/', description: 'The instance that serves this document.' }],
    security: [{ session: [] }],
    tags: TAGS.map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      securitySchemes: { session: SESSION },
      responses: byName(responses),
      schemas: byName(schemas),
    },
  }
}

/** The operation with its members in the order in which one reads them. */
function toOperation(path: string, operation: JsonObject, responses: JsonObject): JsonObject {
  const { operationId, summary, parameters, responses: _, ...rest } = operation
  return {
    operationId: operationId as Json,
    summary: summary as Json,
    tags: [tagOf(path)],
    ...(parameters === undefined ? {} : { parameters: (parameters as JsonObject[]).map(toParameter) }),
    ...rest,
    responses: documentReplies(operation, responses),
  }
}

function toParameter({ name, in: where, ...rest }: JsonObject): JsonObject {
  return { name: name as Json, in: where as Json, ...rest }
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
  { name: 'Administration', description: 'Needs the role `admin`.', paths: /^\/admin\// },
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
    'Set by `POST /login`. With `COOKIE_SECURE=true` its name is `__Host-oneseat`. It cannot be made by hand: it is signed.',
} as const
