import { randomBytes } from 'node:crypto'
import Fastify from 'fastify'
import type { Test } from 'tap'
import { connectRedis } from '../../src/database/on-redis.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import type { Sql } from '../../src/database/sql.ts'
import { type RaiseSet, type SqlNumbers, sqlNumbers } from '../../src/database/sql-numbers.ts'
import type { App } from '../../src/http/types.ts'
import { createSessions } from '../../src/sessions/create-sessions.ts'
import type { NumberedUser } from '../../src/sessions/numbers.ts'
import type { Claimed, Live, Login, SessionState, Sessions } from '../../src/sessions/sessions.ts'
import type { SessionStore } from '../../src/sessions/store.ts'
import { newHandle } from '../../src/sessions/token.ts'
import { type RedisPlace, readRedisUrl } from '../../src/settings/redis-url.ts'
import { redisStore } from '../../src/stores/redis.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { SECRET } from '../support/service.ts'
import { isReady, until } from '../support/until.ts'

export const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Redis as the service connects to it, with login numbers in SQL beside it. */
export async function openFence(t: Test) {
  const redis: TestRedis = await startRedis()
  const { db } = await openSqlite(':memory:')
  const app = Fastify() as unknown as App
  const store = redisStore(await connectRedis(app, readRedisUrl(redis.url) as RedisPlace))
  t.teardown(async () => {
    await app.close()
    await db.close()
    await redis.stop()
  })
  await until(() => isReady(store))
  const stores = { store, db, ...sqlNumbers(db, () => randomBytes(9).toString('base64url')) }
  return {
    ...{ redis, stores },
    /** As a crash and a start: what was not saved is gone. */
    async restart() {
      await redis.kill()
      await redis.start()
      await until(() => isReady(store))
    },
  }
}

/** Redis and SQL. */
export type Stores = { store: SessionStore; db: Sql } & SqlNumbers

/** A call that a test can count or hold. */
type Call = 'read' | 'swap' | 'raise' | 'find' | 'list' | 'open'

/** A user, two instances that serve them, and a clock that the test turns. */
export class Scene {
  readonly user: NumberedUser
  readonly stores: Stores
  readonly here: Sessions
  readonly there: Sessions
  readonly calls: Call[] = []
  readonly #limit: number
  #around: <T>(call: Call, work: () => Promise<T>) => Promise<T> = (_call, work) => work()
  #ahead = 0

  private constructor(stores: Stores, user: NumberedUser, limit: number) {
    this.stores = stores
    this.user = user
    this.#limit = limit
    this.here = this.#instance()
    this.there = this.#instance()
  }

  static async open(stores: Stores, { limit = 1 } = {}): Promise<Scene> {
    const id = randomBytes(9).toString('base64url')
    const user = await stores.numbers.find({ id, create: newHandle(randomBytes) })
    if (user === null) throw new Error('the user was not made')
    return new Scene(stores, user, limit)
  }

  /** Lets time pass for this user's sessions. */
  advance(ms: number): void {
    this.#ahead += ms
  }

  async login(more: Partial<Login> = {}, on = this.here): Promise<Claimed> {
    const { id: userId, handle } = this.user
    const claimed = await on.claim({ ...NOBODY, userId, handle, ...more })
    if (claimed.kind === 'full') throw new Error('no place is free')
    return claimed
  }

  /** The session as a guard has it in hand. */
  async live({ token }: Claimed): Promise<Live> {
    const found = await this.here.find(token)
    if (found?.state !== 'live') throw new Error('it has ended')
    return found
  }

  async release(claimed: Claimed): Promise<boolean> {
    return this.here.release((await this.live(claimed)).key, 'logged_out')
  }

  /** Changes the user in SQL, and brings running sessions in line. */
  update(set: RaiseSet): Promise<NumberedUser | null> {
    const { db, parts } = this.stores
    const { handle } = this.user
    return this.here.update(handle, (raise) => db.transaction(() => parts.raise(handle, raise, set)))
  }

  /** Holds the next call of this kind, before or after its work; `reached` resolves when it stands there. */
  hold(which: Call, where: 'before' | 'after'): { reached: Promise<void>; release: () => void } {
    const reached = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const wait = () => {
      this.#around = (_call, work) => work()
      reached.resolve()
      return released.promise
    }
    this.#around = async (call, work) => {
      if (call !== which) return work()
      if (where === 'before') await wait()
      const result = await work()
      if (where === 'after') await wait()
      return result
    }
    return { reached: reached.promise, release: released.resolve }
  }

  #instance(): Sessions {
    const { store, numbers, changes, histories } = this.stores
    const watch = <A extends unknown[], T>(call: Call, work: (...args: A) => Promise<T>) => {
      return (...args: A) => {
        this.calls.push(call)
        return this.#around(call, () => work(...args))
      }
    }
    return createSessions({
      store: {
        ...store,
        now: () => store.now() + this.#ahead,
        read: watch('read', store.read),
        swap: watch('swap', store.swap),
      },
      numbers: { find: watch('find', numbers.find), raise: watch('raise', numbers.raise) },
      changes,
      histories: { list: watch('list', histories.list), open: watch('open', histories.open) },
      secrets: [SECRET],
      ...{ idleTimeout: HOUR / 2, absoluteTimeout: 12 * HOUR },
      policyFor: () => ({ limit: this.#limit, onLimit: 'replace', refuseWhileSeen: 0 }),
    })
  }
}

/** What there is to say of a session in one word. */
export function stateOf(found: SessionState | null): string {
  if (found === null) return 'unknown'
  return found.state === 'live' ? 'live' : found.ended.reason
}

const NOBODY = {
  device: { name: null, os: null, browser: null },
  ip: '203.0.113.7',
  presented: null,
  replace: null,
}
