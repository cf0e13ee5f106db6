/**
 * The value to return for an empty answer. Its type is `null`, because that schema means "no body" to `@fastify/swagger`; at run
 * time Fastify would send the word `null`.
 */
export const NO_BODY = undefined as unknown as null
