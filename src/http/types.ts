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

/** Who may call a route. It comes from the scope of the route; without one the start fails. */
export type Access = 'public' | 'session' | 'admin' | 'service'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    /** A proxy calls this route about another request. Which pages may make that request is not our decision. */
    asksForAnother?: true
  }
  interface FastifyInstance {
    answerTimes: AnswerTimes
  }
  interface FastifyRequest {
    /** The session that this request creates. Only then is a session cookie set. */
    issued: Claimed | null
  }
  interface Session {
    publicId?: string
  }
}
