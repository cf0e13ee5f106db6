import type {} from '@fastify/swagger' // adds `security`, `summary` and the like to route schemas; types only
import type { Static, TSchema } from '@sinclair/typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type {} from '../fastify/plugin.ts' // adds `principal`
import type { AnswerTimes } from '../metrics/answer-times.ts'
import type { Claimed } from '../sessions/sessions.ts'

/** Our Fastify: bodies and replies are typed by the TypeBox schemas of the route. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxProvider
>

/** Types of bodies and replies from the TypeBox schemas of a route. */
export interface TypeBoxProvider extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown
}

/** Who a route is for. Every route has one, from the scope it stands in; without one the start fails. */
export type Access = 'public' | 'session' | 'admin' | 'service'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** A proxy asks here about a request that it has got: which page may make that one is not for us to say. */
    asksForAnother?: true
  }
  interface FastifyInstance {
    answerTimes: AnswerTimes
  }
  interface FastifyRequest {
    /** The session that this request creates: the only thing that a session cookie is ever set for. */
    issued: Claimed | null
  }
  interface Session {
    publicId?: string
  }
}
