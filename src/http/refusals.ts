import type { FastifySchema } from 'fastify'
import { type Problem, problemOf } from '../../schemas/problem.ts'
import { CATALOGUE, type ErrorCode } from '../errors.ts'
import { END_REASONS } from '../sessions/record.ts'
import type { Access } from './types.ts'

/**
 * The refusals of a route, for its `response`: a problem for each status, narrowed to the codes that are named. What its scope
 * and its schema refuse need not be named: `withCommonRefusals` adds it.
 */
export function refusals<const C extends ErrorCode>(...codes: C[]): Refusals<C> {
  const statuses = new Set(codes.map((code) => CATALOGUE[code][0]))
  const entries = [...statuses].map((status) => {
    return [status, problemOf(codes.filter((code) => CATALOGUE[code][0] === status))] as const
  })
  return Object.fromEntries(entries) as Refusals<C> // by what `CATALOGUE` says
}

type Refusals<C extends ErrorCode> = { [Each in C as (typeof CATALOGUE)[Each][0]]: typeof Problem }

/** The schema of a route, with what refuses a request before its handler: who may call, and what may be sent. */
export function withCommonRefusals(
  schema: FastifySchema,
  access: Access,
  further: readonly ErrorCode[] = [],
): FastifySchema {
  if (schema.hide === true) return schema
  const { body, querystring, params, response } = schema
  const own = (response ?? {}) as Record<string, unknown>
  const malformed: ErrorCode[] = body === undefined ? [] : ['malformed_json']
  const invalid: ErrorCode[] = (body ?? querystring ?? params) === undefined ? [] : ['invalid_request']
  const codes = [...malformed, ...invalid, ...REFUSED_BY_SCOPE[access], ...further]
  const statuses = new Set(codes.map((code) => String(CATALOGUE[code][0])))
  const merged = [...statuses].map((status) => {
    const common = codes.filter((code) => String(CATALOGUE[code][0]) === status)
    return [status, problemOf([...new Set([...common, ...codesOf(own[status])])])] as const
  })
  return { ...schema, response: { ...own, ...Object.fromEntries(merged) } }
}

/** The codes that the problem of a response is narrowed to; none if it is not. */
export function codesOf(response: unknown): ErrorCode[] {
  const { properties } = (response ?? {}) as { properties?: { code?: { enum?: ErrorCode[] } } }
  return properties?.code?.enum ?? []
}

/** Why a request with a cookie is not signed in. */
export const NOT_SIGNED_IN = ['unauthenticated', ...END_REASONS] as const satisfies ErrorCode[]

/** Why a service key is refused. */
const OF_KEYS = [
  'invalid_key',
  'ambiguous_credentials',
  'token_in_browser',
  'too_many_attempts',
] as const satisfies ErrorCode[]

/** What the guard of a scope refuses. */
const REFUSED_BY_SCOPE: Readonly<Record<Access, readonly ErrorCode[]>> = {
  public: [],
  session: [...NOT_SIGNED_IN, 'store_unavailable'],
  admin: [...NOT_SIGNED_IN, ...OF_KEYS, 'store_unavailable', 'forbidden'],
  service: ['unauthenticated', ...OF_KEYS, 'store_unavailable', 'forbidden'],
}

/** What any call may be refused with, whatever it is. */
export const ANY_CALL = [
  'invalid_request',
  'cross_origin',
  'request_timeout',
  'body_too_large',
  'uri_too_long',
  'unsupported_media_type',
  'expectation_failed',
  'https_required',
  'headers_too_large',
  'internal',
] as const satisfies ErrorCode[]
