import { ANY_CALL, codesOf } from '../src/http/refusals.ts'
import { type Components, header, pascal, problemSchema, refusalResponse } from './document-problems.ts'
import { exampleOf } from './example.ts'
import type { Json, JsonObject } from './json-schema.ts'

/**
 * Says of an operation's replies what its route cannot say: media types, headers, examples. What refuses becomes named
 * components, because many operations refuse alike.
 */
export function documentReplies(operation: JsonObject, components: Components): JsonObject {
  const id = operation['operationId'] as string
  const replies = Object.entries(operation['responses'] as Record<string, JsonObject>)
  const documented = replies.map(([status, reply]) => [
    status,
    Number(status) >= 400
      ? refusal(id, status, reply, components)
      : success(id, status, reply, components),
  ])
  return {
    ...Object.fromEntries(documented),
    default: refusalResponse(ANY_CALL, 'AnyRefusal', components),
  }
}

function refusal(id: string, status: string, reply: JsonObject, components: Components): JsonObject {
  const codes = codesOf(firstMedia(reply)?.['schema'])
  if (codes.length === 0) throw new Error(`${id} ${status} names no codes: declare it with refusals(…)`)
  return refusalResponse(codes, `${pascal(id)}${status}`, components)
}

function success(
  id: string,
  status: string,
  { description, ...reply }: JsonObject,
  components: Components,
): JsonObject {
  const headers = HEADERS[`${id} ${status}`]
  const media = firstMedia(reply)
  if (media !== undefined) {
    const { 'x-events': events, ...schema } = media['schema'] as JsonObject
    media['schema'] = schema
    media['example'] ??= exampleOf(schema)
    if (events !== undefined) schema['x-itemSchema'] = streamOf(events as JsonObject, components)
  }
  return {
    description: description === 'Default Response' ? 'Done.' : (description as Json),
    ...(headers === undefined ? {} : { headers }),
    ...reply,
  }
}

/**
 * What one event of a stream is, as a reference to named schemas. OpenAPI 3.2 has `itemSchema` for this; not every generator
 * takes a document of 3.2.
 */
function streamOf(events: JsonObject, components: Components): JsonObject {
  const references = Object.entries(events as Record<string, JsonObject>).map(([event, schema]) => {
    const name = pascal(event)
    const { title, ...data } = schema
    components.schemas[name] =
      title === 'Problem' ? problemSchema(codesOf(data), name, components) : data
    components.schemas[`${name}Event`] = {
      type: 'object',
      required: ['event', 'data'],
      properties: {
        event: { type: 'string', enum: [event] },
        data: { $ref: `#/components/schemas/${name}` },
      },
    }
    return { $ref: `#/components/schemas/${name}Event` }
  })
  return { oneOf: references }
}

function firstMedia({ content }: JsonObject): JsonObject | undefined {
  return Object.values((content ?? {}) as Record<string, JsonObject>)[0]
}

const NEW_COOKIE = { 'Set-Cookie': header('The session cookie: `HttpOnly`, `SameSite=Lax`.') }

const WHO = {
  'X-User-Id': header('The id of the user.'),
  'X-User-Name': header('The username; what is not ASCII in it, and `%`, percent-encoded.'),
  'X-User-Roles': header('The roles, separated by commas.'),
  'X-Session-Id': header('The public id of the session.'),
  'X-Session-Epoch': header('The login number of the session.'),
}

/** Headers of successful replies, by operation and status. */
const HEADERS: Record<string, JsonObject> = {
  'login 200': NEW_COOKIE,
  'logout 204': { 'Set-Cookie': header('Has the browser forget the session cookie.') },
  'changeMyPassword 204': NEW_COOKIE,
  'deleteMe 204': { 'Set-Cookie': header('Has the browser forget the session cookie.') },
  'changePasswordPage 302': { Location: header('The page.') },
  'verify 200': WHO,
  'verify 204': WHO,
}
