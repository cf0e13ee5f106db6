import type { FastifySchema } from 'fastify'
import { type Problem, problemOf } from '../../schemas/problem.ts'
import { CATALOGUE, type ErrorCode } from '../errors.ts'
import { END_REASONS } from '../sessions/record.ts'
import type { Access } from './types.ts'

/**
 * The refusals of a route, for its `response`: for each status a problem that allows only these codes. The codes of its scope and
 * its schema need not be named: `withCommonRefusals` adds them.
 */
export function refusals<const C extends ErrorCode>(...codes: C[]): Refusals<C> {
  const statuses = new Set(codes.map((code) => CATALOGUE[code][0]))
  const entries = [...statuses].map((status) => {
    return [status, problemOf(codes.filter((code) => CATALOGUE[code][0] === status))] as const
  })
  return Object.fromEntries(entries) as Refusals<C> // `CATALOGUE` has the status of each code
}

type Refusals<C extends ErrorCode> = { [Each in C as (typeof CATALOGUE)[Each][0]]: typeof Problem }

/** The schema of a route with the refusals that come before its handler: by the guard and by validation. */
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

/** The codes that the problem of a response allows; empty if it does not list any. */
export function codesOf(response: unknown): ErrorCode[] {
  const { properties } = (response ?? {}) as { properties?: { code?: { enum?: ErrorCode[] } } }
  return properties?.code?.enum ?? []
}

/** The codes that refuse a request without a live session. */
export const NOT_SIGNED_IN = ['unauthenticated', ...END_REASONS] as const satisfies ErrorCode[]

/** The codes that refuse a service key. */
const OF_KEYS = [
  'invalid_key',
  'ambiguous_credentials',
  'token_in_browser',
  'too_many_attempts',
] as const satisfies ErrorCode[]

/** The codes with which the guard of each scope refuses. */
const REFUSED_BY_SCOPE: Readonly<Record<Access, readonly ErrorCode[]>> = {
  public: [],
  session: [...NOT_SIGNED_IN, 'store_unavailable'],
  admin: [...NOT_SIGNED_IN, ...OF_KEYS, 'store_unavailable', 'forbidden'],
  service: ['unauthenticated', ...OF_KEYS, 'store_unavailable', 'forbidden'],
}

/** The codes that may refuse any call. */
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
