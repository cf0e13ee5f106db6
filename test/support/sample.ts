import type { Json, JsonObject } from '../../tools/json-schema.ts'

/** The least that a schema of the OpenAPI `document` takes: required members only, each as short as it may be. */
export function sampleOf(media: JsonObject, document: object): Json {
  return sample(media['schema'] as JsonObject, document as JsonObject)
}

function sample(schema: JsonObject, document: JsonObject): Json {
  const reference = schema['$ref']
  if (typeof reference === 'string') return sample(resolve(reference, document), document)
  switch (schema['type']) {
    case 'object': {
      const properties = Object.entries((schema['properties'] ?? {}) as Record<string, JsonObject>)
      const required = (schema['required'] ?? []) as string[]
      const atLeast = Number(schema['minProperties'] ?? 0)
      return Object.fromEntries(
        properties
          .filter(([name], index) => required.includes(name) || index < atLeast)
          .map(([name, property]) => [name, sample(property, document)]),
      )
    }
    case 'string':
      return 'x'.repeat(Number(schema['minLength'] ?? 0))
    case 'array':
      return []
    default:
      throw new Error(`no sample of ${JSON.stringify(schema)}`)
  }
}

function resolve(reference: string, document: JsonObject): JsonObject {
  const steps = reference.replace('#/', '').split('/')
  return steps.reduce((node, step) => node[step] as JsonObject, document)
}
