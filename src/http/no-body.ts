/** The body of an answer without one. `@fastify/swagger` writes "no body" as the schema `null`, which Fastify would send as the word. */
export const NO_BODY = undefined as unknown as null
