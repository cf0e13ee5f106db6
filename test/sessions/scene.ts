import { randomBytes } from 'node:crypto'
import { type RaiseSet, sqlNumbers } from '../../src/database/sql-numbers.ts'
import { queriesFor } from '../../src/database/tables.ts'
import { createSessions } from '../../src/sessions/create-sessions.ts'
import type { ClosedChange, NumberedUser } from '../../src/sessions/numbers.ts'
import type { LimitPolicy } from '../../src/sessions/options.ts'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import type {
  Change,
  Claimed,
  Ended,
  Full,
  Live,
  Login,
  SessionState,
  Sessions,
} from '../../src/sessions/sessions.ts'
import { hashSecret, newHandle, readToken, type SessionKey } from '../../src/sessions/token.ts'
import type { SessionStores } from '../support/session-stores.ts'

export const MINUTE = 60_000
export const IDLE = 30 * MINUTE
export const ABSOLUTE = 12 * 60 * MINUTE

/** A call to a store or to SQL that a test can count, hold or break. */
export type Call = 'read' | 'swap' | 'raise' | 'find' | 'openOf' | 'close'

/** A new user of real stores, two instances that serve them, and a clock that the test turns. */
export class Scene {
  readonly user: NumberedUser
  readonly here: Sessions
  readonly there: Sessions
  readonly calls: Call[] = []
  readonly unreadable: string[] = []
  /** The public ids of sessions that were told to have expired, and the changes that were closed. */
  readonly expired: string[] = []
  readonly closed: ClosedChange[] = []
  /** Stands around each call; a test replaces it to wait, or to throw, before or after `work`. */
  around: <T>(call: Call, work: () => Promise<T>) => Promise<T> = (_call, work) => work()
  policy: LimitPolicy
  /** A test replaces it where roles have limits of their own. */
  policyFor: (roles: readonly string[]) => LimitPolicy = () => this.policy
  readonly stores: SessionStores
  #ahead = 0

  private constructor(stores: SessionStores, user: NumberedUser, policy: LimitPolicy) {
    this.stores = stores
    this.user = user
    this.policy = policy
    this.here = this.#instance()
    this.there = this.#instance()
  }

  static async open(stores: SessionStores, policy: Partial<LimitPolicy> = {}): Promise<Scene> {
    return new Scene(stores, await newUser(stores), {
      ...{ limit: 1, onLimit: 'replace', refuseWhileSeen: 0 },
      ...policy,
    })
  }

  now(): number {
    return this.stores.store.now() + this.#ahead
  }

  advance(ms: number): void {
    this.#ahead += ms
  }

  /** Turns the clock until it shows this time, or a little more. */
  turnTo(time: number): void {
    this.advance(Math.max(0, time - this.now()))
  }

  /** A login whose password was right, with what is particular about it. */
  async login(more: Partial<Login> = {}, on = this.here): Promise<Claimed> {
    const claimed = await this.claim(more, on)
    if (claimed.kind === 'full') throw new Error('no session is free')
    return claimed
  }

  async claim(more: Partial<Login> = {}, on = this.here): Promise<Claimed | Full> {
    const { id, handle } = this.user
    return on.claim({ ...NOBODY, userId: id, handle, ...more })
  }

  /** Changes the user in SQL. */
  change(set: RaiseSet): Change {
    const { parts } = sqlNumbers(this.stores.db, () => '')
    return (raise) => this.stores.db.transaction(() => parts.raise(this.user.handle, raise, set))
  }

  /** The same, where nobody tells the sessions of it. */
  async changeInSql(set: RaiseSet): Promise<NumberedUser> {
    const purpose = { kind: 'update', sessionId: null, note: null } as const
    return (await this.change(set)({ above: 0, under: null, purpose })) as NumberedUser
  }

  find(claimed: Claimed | null, on = this.here): Promise<SessionState | null> {
    return on.find(claimed?.token ?? '')
  }

  /** The session as a guard has it in hand. */
  async live(claimed: Claimed): Promise<Live> {
    const found = await this.find(claimed)
    if (found?.state !== 'live') throw new Error('it has ended')
    return found
  }

  async ended(claimed: Claimed): Promise<Ended> {
    const found = await this.find(claimed)
    if (found?.state !== 'ended') throw new Error('it has not ended')
    return found
  }

  /** Holds the next call of this kind, before or after its work; `reached` resolves when it is there. */
  hold(which: Call, where: 'before' | 'after'): { reached: Promise<void>; release: () => void } {
    const reached = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    const wait = () => {
      this.around = (_call, work) => work()
      reached.resolve()
      return released.promise
    }
    this.around = async (call, work) => {
      if (call !== which) return work()
      if (where === 'before') await wait()
      const result = await work()
      if (where === 'after') await wait()
      return result
    }
    return { reached: reached.promise, release: released.resolve }
  }

  /** Has calls of this kind fail, after their work if they are to be `lost`. */
  break(which: readonly Call[], how: 'away' | 'lost' = 'away'): void {
    this.around = async (call, work) => {
      if (!which.includes(call)) return work()
      if (how === 'lost') await work()
      throw storeUnavailable(new Error('away, for a test'))
    }
  }

  mend(): void {
    this.around = (_call, work) => work()
  }

  /** Puts any text in the place of the user's record. */
  async overwrite(text: string): Promise<void> {
    const { store } = this.stores
    await store.swap(this.user.handle, await store.read(this.user.handle), text, store.now() + ABSOLUTE)
  }

  async text(): Promise<string> {
    return (await this.stores.store.read(this.user.handle)).text ?? ''
  }

  /** Lets time pass for changes that were cut off, and completes them. */
  async completeLater(): Promise<void> {
    const { db } = this.stores
    const update = queriesFor(db).updateTable('oneseat_changes')
    await db.run(update.set((eb) => ({ at: eb('at', '-', 10_000) })))
    await this.here.completeChanges()
  }

  #instance(): Sessions {
    const { store, numbers, changes, histories } = this.stores
    const watch = <A extends unknown[], T>(call: Call, work: (...args: A) => Promise<T>) => {
      return (...args: A) => {
        this.calls.push(call)
        return this.around(call, () => work(...args))
      }
    }
    return createSessions({
      store: {
        ...store,
        now: () => this.now(),
        read: watch('read', store.read),
        swap: watch('swap', store.swap),
      },
      numbers: { raise: watch('raise', numbers.raise), find: watch('find', numbers.find) },
      changes: {
        ...changes,
        openOf: watch('openOf', changes.openOf),
        close: watch('close', async (done) => {
          await changes.close(done)
          this.closed.push(...done)
        }),
      },
      histories,
      secrets: [SECRET],
      idleTimeout: IDLE,
      absoluteTimeout: ABSOLUTE,
      policyFor: (roles) => this.policyFor(roles),
      random: randomBytes,
      onUnreadable: (handle) => this.unreadable.push(handle),
      onExpired: (_user, session) => this.expired.push(session.id),
    })
  }
}

const SECRET = 'a secret of the tests that is long enough'

/** What the token of a login comes to. */
export function keyOf({ token }: Claimed): SessionKey {
  const { handle = '', secret = '' } = readToken(token) ?? {}
  return { handle, secretHash: hashSecret(hashSecret('oneseat session ', SECRET), secret) }
}

/** What there is to say of a session in one word. */
export function stateOf(found: SessionState | null): string {
  if (found === null) return 'unknown'
  return found.state === 'live' ? 'live' : found.ended.reason
}

export function ids(sessions: readonly { id: string }[]): string[] {
  return sessions.map(({ id }) => id)
}

export async function newUser({ numbers }: SessionStores): Promise<NumberedUser> {
  const id = randomBytes(9).toString('base64url')
  return (await numbers.find({ id, create: newHandle(randomBytes) })) as NumberedUser
}

const NOBODY = {
  device: { name: null, os: null, browser: null },
  ip: '203.0.113.7',
  presented: null,
  replace: null,
}
