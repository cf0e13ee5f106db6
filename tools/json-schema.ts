export type Json = string | number | boolean | null | Json[] | JsonObject
export type JsonObject = { [name: string]: Json }

/**
 * A copy of `node` in which every object schema with a `title` is a `$ref`; the schemas themselves go into `schemas` under
 * their titles. Throws if two different schemas have the same title.
 */
export function hoistTitled(node: Json, schemas: JsonObject): Json {
  if (Array.isArray(node)) return node.map((each) => hoistTitled(each, schemas))
  if (node === null || typeof node !== 'object') return node
  const copy = Object.fromEntries(
    Object.entries(node).map(([name, value]) => [name, hoistTitled(value, schemas)]),
  )
  const { title, ...schema } = copy
  // A property that is named `title` has a schema there, not a text.
  if (typeof title !== 'string' || schema['type'] !== 'object') return copy
  const known = schemas[title]
  if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
    throw new Error(`two different schemas have the title ${title}`)
  }
  schemas[title] = schema
  return { $ref: `#/components/schemas/${title}` }
}

/** The same object, its members ordered by name. */
export function byName(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)))
}
