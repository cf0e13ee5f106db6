/** Somebody who answers "who is this?": which program, with which environment, and whether it needs Redis. */
export type Contender = { name: string; file: string; env: Record<string, string>; redis: boolean }

/** The yardstick that all ratios are to. */
export const BARE = 'bare Fastify route'

/** What it costs to ask Redis as it is usually done. */
export const BARE_ON_REDIS = 'bare Fastify route, one GET of Redis'

/** How many users ask in turn where a contender is asked by a crowd. */
export const CROWD = 20_000

export const CONTENDERS: readonly Contender[] = [
  { name: BARE, file: 'bare-fastify.ts', env: {}, redis: false },
  { name: BARE_ON_REDIS, file: 'bare-fastify.ts', env: {}, redis: true },
  { name: 'bare node:http', file: 'bare-http.ts', env: {}, redis: false },
  { name: 'Oneseat on Redis', file: 'oneseat.ts', env: {}, redis: true },
  { name: 'Oneseat on SQLite', file: 'oneseat.ts', env: {}, redis: false },
  { name: 'the plugin on Redis', file: 'oneseat-plugin.ts', env: {}, redis: true },
  { name: 'the plugin on SQLite', file: 'oneseat-plugin.ts', env: {}, redis: false },
  { name: '@fastify/session', file: 'fastify-session.ts', env: {}, redis: true },
  {
    name: '@fastify/session, rolling: false',
    file: 'fastify-session.ts',
    env: { ROLLING: 'false' },
    redis: true,
  },
  { name: '@fastify/jwt, HS256', file: 'fastify-jwt.ts', env: {}, redis: false },
  { name: 'jose, EdDSA', file: 'jose.ts', env: {}, redis: false },
  { name: 'express-session', file: 'express-session.ts', env: {}, redis: true },
  { name: 'iron-session', file: 'iron-session.ts', env: {}, redis: false },
  { name: 'better-auth', file: 'better-auth.ts', env: {}, redis: false },
]

/** Those that are also asked by the crowd: ourselves, and what people would take instead. */
export const IN_A_CROWD: readonly string[] = [
  BARE,
  'Oneseat on Redis',
  'Oneseat on SQLite',
  'the plugin on Redis',
  'the plugin on SQLite',
  '@fastify/session',
  '@fastify/jwt, HS256',
  'jose, EdDSA',
]
