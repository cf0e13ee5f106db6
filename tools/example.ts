import type { Json, JsonObject } from './json-schema.ts'

/**
 * A value that this JSON schema describes: put together from the `examples` of its parts. A text that has none is the `name`
 * of its member.
 */
export function exampleOf(schema: JsonObject, name = 'text'): Json {
  const [first] = (schema['examples'] ?? schema['enum'] ?? []) as Json[]
  if (first !== undefined) return first
  if (schema['default'] !== undefined) return schema['default']
  const [choice] = (schema['anyOf'] ?? schema['oneOf'] ?? []) as JsonObject[]
  if (choice !== undefined) return exampleOf(choice, name)
  switch (schema['type']) {
    case 'object':
      return exampleOfObject(schema)
    case 'array':
      return [exampleOf(schema['items'] as JsonObject, name)]
    case 'string':
      return name
    case 'integer':
      return 1
    case 'boolean':
      return true
    default:
      throw new Error(`no example of ${JSON.stringify(schema)}`)
  }
}

function exampleOfObject({ properties = {} }: JsonObject): JsonObject {
  const members = Object.entries(properties as Record<string, JsonObject>)
  return Object.fromEntries(members.map(([name, schema]) => [name, exampleOf(schema, name)]))
}
