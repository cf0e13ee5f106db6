import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { mountApp } from '../../src/app.ts'
import { assembleParts } from '../../src/assemble.ts'
import { type Engines, openEngines } from '../../src/database/engines.ts'
import { LIMITS, type Limits } from '../../src/http/limits.ts'
import { createFastify } from '../../src/http/server.ts'
import type { App } from '../../src/http/types.ts'
import type { Parts } from '../../src/routes/parts.ts'
import type { Sessions } from '../../src/sessions/sessions.ts'
import { readSettings } from '../../src/settings/settings.ts'
import type { TimelineEvent } from '../../src/timeline/timeline.ts'
import { Browser, PASSWORD } from './browser.ts'
import { openDatabase } from './database.ts'
import { startRedis, type TestRedis } from './redis.ts'
import { type Watched, watchEngines } from './watch.ts'

/** The whole service in this process, listening on a real port. */
export type Service = {
  url: string
  app: App
  parts: Parts
  engines: Engines
  /** The engines as the rules see them: every call is noted, and can be held or broken. */
  watched: Watched
  redis: TestRedis | null
  /** Lets time pass for everything that concerns sessions. */
  advance(ms: number): void
  /** A new device; with a name, of a user who is made if they are not there. */
  browser(headers?: Record<string, string>): Browser
  /** Makes a user with the password that `Browser.login` gives. */
  register(username: string): Promise<void>
}

/** Which engine the sessions are in. */
export const ENGINES = ['sqlite', 'postgres', 'redis'] as const
export type EngineName = (typeof ENGINES)[number]

/** The one that needs nothing and the one for scale: enough for what is above the engines. */
export const BOTH_ENDS = ['sqlite', 'redis'] as const satisfies EngineName[]

type ServiceOptions = {
  env?: Record<string, string>
  /** Looks at or replaces the engines before the rules are put on top of them. */
  wrap?: (engines: Engines) => Engines
  /** Puts other rules about sessions in place of ours. */
  rules?: (engines: Engines) => Sessions
  /** Sees the app before any route is there. */
  prepare?: (app: App) => void
  /** Time limits that a test can wait for. */
  limits?: Limits
  /** Adds routes of the test's own, such as a slow one. */
  extend?: (app: App, parts: Parts) => Promise<void>
}

/** Starts the service on real engines of its own, and stops it all when the test ends. */
export async function startService(
  t: Test,
  engine: EngineName,
  options: ServiceOptions = {},
): Promise<Service> {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-test-'))
  const redis = engine === 'redis' ? await startRedis() : null
  const database = engine === 'postgres' ? await openDatabase(t) : null
  const settings = readSettings({
    DATABASE_URL: `file:${join(dir, 'oneseat.db')}`,
    ...CHEAP_HASHES,
    LOG_LEVEL: 'silent',
    ...(redis === null ? {} : { REDIS_URL: redis.url }),
    ...(database === null ? {} : { DATABASE_URL: database, SESSION_SECRET: SECRET }),
    ...options.env,
  })
  const { LOG_LEVEL: logLevel, TRUST_PROXY: trustProxy } = settings
  const app = createFastify({ logLevel, trustProxy, limits: options.limits ?? LIMITS })
  t.teardown(async () => {
    await app.close()
    await redis?.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  let ahead = 0
  const opened = await openEngines(app, settings)
  const engines = {
    ...opened,
    store: { ...opened.store, now: () => opened.store.now() + ahead },
  }
  const watched = watchEngines(options.wrap?.(engines) ?? engines)
  const assembled = assembleParts(app, settings, watched.engines)
  const parts = { ...assembled, sessions: options.rules?.(watched.engines) ?? assembled.sessions }
  options.prepare?.(app)
  await mountApp(app, parts)
  await options.extend?.(app, parts)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    app,
    parts,
    engines,
    watched,
    redis,
    advance: (ms) => {
      ahead += ms
    },
    browser: (headers) => new Browser(url, headers),
    register: async (username) => {
      await parts.signUp({ username, password: PASSWORD, roles: [] }, REGISTERED)
    },
  }
}

/** What the timeline has of an account that a test makes. */
export const REGISTERED: Omit<TimelineEvent, 'userId'> = {
  ...{ type: 'registered', at: Date.now() }, // before anything else that a test does
  ...{ sessionId: null, device: null, ip: null, by: null },
}

/** Argon2id at its cheapest: the tests are about what stands around it. */
export const CHEAP_HASHES = { ARGON2_MEMORY_KIB: '8', ARGON2_PASSES: '1' }

/** For parts that several instances share. */
export const SECRET = 'a secret of the tests that is long enough'
