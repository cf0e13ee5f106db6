/** Somebody who answers "who is this?": which program, with which environment, and whether it needs Redis. */
export type Contender = { name: string; file: string; env: Record<string, string>; redis: boolean }

/** The yardstick that all ratios are to. */
export const BARE = 'bare Fastify route'

/** What it costs to ask Redis as it is usually done. */
export const BARE_ON_REDIS = 'bare Fastify route, one GET of Redis'

export const CONTENDERS: readonly Contender[] = [
  { name: BARE, file: 'bare-fastify.ts', env: {}, redis: false },
  {
    name: 'bare Fastify route, just started',
    file: 'bare-fastify.ts',
    env: { FRESH: 'true' },
    redis: false,
  },
  { name: BARE_ON_REDIS, file: 'bare-fastify.ts', env: {}, redis: true },
  { name: 'bare node:http', file: 'bare-http.ts', env: {}, redis: false },
  { name: 'Oneseat on Redis', file: 'oneseat.ts', env: {}, redis: true },
  { name: 'Oneseat on SQLite', file: 'oneseat.ts', env: {}, redis: false },
  { name: '@fastify/session', file: 'fastify-session.ts', env: {}, redis: true },
  {
    name: '@fastify/session, rolling: false',
    file: 'fastify-session.ts',
    env: { ROLLING: 'false' },
    redis: true,
  },
  { name: 'express-session', file: 'express-session.ts', env: {}, redis: true },
  { name: 'iron-session', file: 'iron-session.ts', env: {}, redis: false },
  { name: 'better-auth', file: 'better-auth.ts', env: {}, redis: false },
]
