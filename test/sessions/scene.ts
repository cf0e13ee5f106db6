import { randomBytes } from 'node:crypto'
import type { Account, Accounts } from '../../src/accounts/accounts.ts'
import { storeUnavailable } from '../../src/errors.ts'
import { keepSessions } from '../../src/sessions/create-sessions.ts'
import type { SeatPolicy } from '../../src/sessions/rules.ts'
import type { Claimed, Found, Full, Live, Login, Sessions } from '../../src/sessions/sessions.ts'
import type { Register } from '../../src/sessions/store.ts'
import { newHandle, readToken, type TokenProof } from '../../src/sessions/token.ts'
import type { SeatStores } from '../support/seat-stores.ts'

export const MINUTE = 60_000
export const IDLE = 30 * MINUTE
export const ABSOLUTE = 12 * 60 * MINUTE

/** A call to an engine that a test can count, hold or break. */
export type Call = 'read' | 'swap' | 'raise' | 'findByHandle'

/** A new user of real stores, two instances that serve them, and a clock that the test turns. */
export class Scene {
  readonly user: Account
  readonly here: Sessions
  readonly there: Sessions
  readonly calls: Call[] = []
  readonly unreadable: string[] = []
  /** Stands around each call; a test replaces it to wait, or to throw, before or after `work`. */
  around: <T>(call: Call, work: () => Promise<T>) => Promise<T> = (_call, work) => work()
  policy: SeatPolicy
  readonly stores: SeatStores
  #ahead = 0

  private constructor(stores: SeatStores, user: Account, policy: SeatPolicy) {
    this.stores = stores
    this.user = user
    this.policy = policy
    this.here = this.#instance()
    this.there = this.#instance()
  }

  static async open(stores: SeatStores, policy: Partial<SeatPolicy> = {}): Promise<Scene> {
    return new Scene(stores, await newUser(stores.accounts), {
      ...{ limit: 1, onLimit: 'replace', refuseWhileSeen: 0 },
      ...policy,
    })
  }

  now(): number {
    return this.stores.register.now() + this.#ahead
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
    if (claimed.kind === 'full') throw new Error('no seat is free')
    return claimed
  }

  async claim(more: Partial<Login> = {}, on = this.here): Promise<Claimed | Full> {
    const { id, handle, credentialEpoch } = this.user
    return on.claim({ ...NOBODY, userId: id, handle, credentialEpoch, ...more })
  }

  /** The session as a guard has it in hand. */
  async live(claimed: Claimed): Promise<Live> {
    const found = await this.here.find(proofOf(claimed))
    if (found?.state !== 'live') throw new Error('it has ended')
    return found
  }

  /** Holds the next call of this kind, before or after its work; `reached` resolves when it stands there. */
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
    const { register } = this.stores
    const before = await register.read(this.user.handle)
    await register.swap(this.user.handle, before.text, text, register.now() + ABSOLUTE)
  }

  #instance(): Sessions {
    const { register, accounts } = this.stores
    const watch = <A extends unknown[], T>(call: Call, work: (...args: A) => Promise<T>) => {
      return (...args: A) => {
        this.calls.push(call)
        return this.around(call, () => work(...args))
      }
    }
    const watchedRegister: Register = {
      ...register,
      now: () => this.now(),
      read: watch('read', register.read),
      swap: watch('swap', register.swap),
    }
    const watchedAccounts: Accounts = {
      ...accounts,
      raise: watch('raise', accounts.raise),
      findByHandle: watch('findByHandle', accounts.findByHandle),
    }
    return keepSessions(watchedRegister, watchedAccounts, {
      idleTimeout: IDLE,
      absoluteTimeout: ABSOLUTE,
      policyFor: () => this.policy,
      random: randomBytes,
      onEnded: () => {},
      onUnreadable: (handle) => this.unreadable.push(handle),
    })
  }
}

/** What the cookie of a login proves. */
export function proofOf({ token }: Claimed): TokenProof {
  return readToken(token) as TokenProof
}

/** What there is to say of a session in one word. */
export function stateOf(found: Found | null): string {
  if (found === null) return 'unknown'
  return found.state === 'live' ? 'live' : found.ended.reason
}

export function newUser(accounts: Accounts): Promise<Account> {
  return accounts.create({
    id: randomBytes(9).toString('base64url'),
    handle: newHandle(randomBytes),
    username: randomBytes(9).toString('hex'),
    passwordHash: '',
    roles: [],
    createdAt: 0,
  })
}

const NOBODY = {
  device: { name: null, os: null, browser: null },
  ip: '203.0.113.7',
  presented: null,
  replace: null,
}
