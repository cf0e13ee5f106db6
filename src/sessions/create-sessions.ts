import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { changesOf } from './change.ts'
import { claimWith } from './claim.ts'
import { completeWith } from './complete.ts'
import { ATTEMPTS, type FenceOptions, type LoadedRecord, openFence } from './fence.ts'
import { findLive, findState, findStateById } from './lookup.ts'
import type { Changes, Histories, LoginNumbers } from './numbers.ts'
import type { LimitPolicy } from './options.ts'
import { SessionsRefusal, storeUnavailable } from './refusal.ts'
import { touch } from './rules.ts'
import type { Live, SessionState, Sessions } from './sessions.ts'
import type { SessionStore } from './store.ts'
import { hashSecret, type RandomBytes, readToken, type SessionKey } from './token.ts'

/** What `createSessions` needs. Times are milliseconds. */
export type SessionsOptions = {
  store: SessionStore
  numbers: LoginNumbers
  changes: Changes
  histories: Histories
  /**
   * The keys for hashing secrets, 32 characters or more each: new sessions use the first, existing sessions are found with any.
   */
  secrets: readonly string[]
  idleTimeout: number
  absoluteTimeout: number
  /**
   * How many sessions a user with these roles may have. It is called whenever a record is read, so a lower limit applies at once.
   */
  policyFor: (roles: readonly string[]) => LimitPolicy
  /** How often two devices may sign each other out within a minute. Without it there is no limit. */
  kickWarLimit?: number
  random?: RandomBytes
} & Partial<Omit<FenceOptions, 'numbers' | 'changes' | 'histories' | 'limitFor'>>

/** Makes `Sessions` over any store. */
export function createSessions(options: SessionsOptions): Sessions {
  const { store, numbers, changes, policyFor, idleTimeout, absoluteTimeout } = options
  const { random = randomBytes, monotonic = () => performance.now() } = options
  const { kickWarLimit = Number.POSITIVE_INFINITY } = options
  const limitFor = (roles: readonly string[]) => policyFor(roles).limit
  const fence = openFence(store, { ...DEFAULTS, ...options, monotonic, limitFor })
  // Before the first release secrets were hashed without a key. Such sessions stay valid until they end.
  const keys = [...options.secrets.map((secret) => hashSecret('oneseat session ', secret)), '']
  const parts = { store, numbers, changes, fence, policyFor, kickWarLimit, random, keys }
  const core = { ...parts, idleTimeout, absoluteTimeout }
  /** While SQL cannot be reached no session is extended. Until this time no request tries SQL again. */
  let extendAfter = Number.NEGATIVE_INFINITY

  return {
    claim: claimWith(core),
    find,
    isDue,
    extend,
    settle,
    findById,
    list,
    ...changesOf(core),
    completeChanges: completeWith(core),
  }

  async function find(token: string): Promise<SessionState | null> {
    const parts = readToken(token)
    if (parts === null) return null
    const { handle, secret } = parts
    const key = { handle, secretHash: hashSecret(keys[0] as string, secret) }
    const stored = await store.read(handle)
    if (stored.text === null) return null
    const stamp = fence.stampOf(stored)
    const found =
      stamp === null ? null : findLive(stored.text, stamp, key.secretHash, limitFor, store.now())
    if (found !== null) return { state: 'live', ...found, key }
    const loaded = await fence.confirm(handle, stored)
    return findState(loaded, key) ?? findByOtherKey(loaded, handle, secret)
  }

  function findByOtherKey(loaded: LoadedRecord, handle: string, secret: string): SessionState | null {
    for (const key of keys.slice(1)) {
      const state = findState(loaded, { handle, secretHash: hashSecret(key, secret) })
      if (state !== null) return state
    }
    return null
  }

  function isDue({ session, user }: Live): boolean {
    if (monotonic() < extendAfter) return false
    const { onLimit, refuseWhileSeen } = policyFor(user.roles)
    const interval = Math.min(60_000, idleTimeout / 10)
    const since = Math.abs(store.now() - session.lastSeenAt) // also if the clock was set back
    if (onLimit !== 'refuse') return since >= interval
    // With `refuse`, the last use and whether there was any decide if a session can be replaced. So they are stored sooner.
    return since >= Math.min(interval, refuseWhileSeen / 2) || session.lastSeenAt === session.createdAt
  }

  async function extend(live: Live): Promise<SessionState | null> {
    if (!isDue(live)) return live
    const { key } = live
    let loaded = await fence.load(key.handle)
    const compared = await compareWithSql(key.handle, loaded)
    if (compared === null) return findState(loaded, key)
    loaded = compared
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const state = findState(loaded, key)
      if (loaded.record === null || state?.state !== 'live' || !isDue(state)) return state
      const next = touch(loaded.record, state.session.id, idleTimeout, store.now())
      if (next !== null && (await fence.swap(key.handle, loaded, next)))
        return findState({ ...loaded, record: next, expired: [] }, key)
      loaded = await fence.load(key.handle)
    }
    throw storeUnavailable(new Error('this record changes all the time'))
  }

  /** Compares the record with SQL, whatever its stamp says, and gives the record after that. Null if SQL cannot be reached. */
  async function compareWithSql(handle: string, loaded: LoadedRecord): Promise<LoadedRecord | null> {
    if (store.histories === 'none') return loaded
    try {
      return await fence.compare(handle, loaded)
    } catch (error) {
      const isSqlAway = error instanceof SessionsRefusal && error.server === null
      if (!isSqlAway) throw error
      extendAfter = monotonic() + SQL_REST
      return null
    }
  }

  async function settle({ key }: { key: SessionKey }): Promise<SessionState | null> {
    return findState(await storeExpired(key.handle), key)
  }

  async function findById(handle: string, sessionId: string): Promise<SessionState | null> {
    return findStateById(await storeExpired(handle), handle, sessionId)
  }

  async function list(handle: string) {
    return (await storeExpired(handle)).record?.live.toReversed() ?? []
  }

  /** Stores which sessions have expired. So what a device was told stays true, even if limits or clocks change. */
  async function storeExpired(handle: string): Promise<LoadedRecord> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const loaded = await fence.load(handle)
      const { record, expired } = loaded
      if (record === null || expired.length === 0) return loaded
      if (await fence.swap(handle, loaded, record)) return { ...loaded, expired: [] }
    }
    throw storeUnavailable(new Error('this record changes all the time'))
  }
}

const DEFAULTS = {
  pause: sleep,
  onUnreadable: () => {},
  onEnded: () => {},
  onExpired: () => {},
} satisfies Partial<FenceOptions>

/** For how many milliseconds SQL is not tried again after it could not be reached. */
const SQL_REST = 1_000
