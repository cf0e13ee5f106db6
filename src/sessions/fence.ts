import { decodeRecord, encodeRecord } from './codec.ts'
import { effectOf } from './effects.ts'
import type {
  Changes,
  Histories,
  History,
  LoginNumbers,
  NumberedUser,
  OpenChange,
  Purpose,
} from './numbers.ts'
import { type EndedSession, hashPrefix, type LiveSession, type SessionRecord } from './record.ts'
import { storeUnavailable } from './refusal.ts'
import { applyUser, end, expire, keepUntil } from './rules.ts'
import { followStamps } from './stamps.ts'
import type { SessionStore, StoredValue } from './store.ts'
import { judge, type Verdict } from './verdict.ts'

/** A record as it was read. */
export type LoadedRecord = {
  /** The stored value. A swap compares it. */
  stored: StoredValue
  /** The stamp of the store's history at the time of the read. */
  stamp: string
  /** The record as it is now: expired sessions have ended in it, even if that is not stored yet. */
  record: SessionRecord | null
  /** The sessions that have expired but are still stored as live. */
  expired: readonly LiveSession[]
}

/** Reads and writes session records in any store. A record is used only if it agrees with the login numbers in SQL. */
export type Fence = {
  /** Reads a record, and confirms it against SQL if that is needed. */
  load(handle: string): Promise<LoadedRecord>

  /** Like `load`, for a value that was read already. */
  confirm(handle: string, stored: StoredValue): Promise<LoadedRecord>

  /** The stamp that a record in this value must have to need no confirmation; null if SQL has to be asked for the stamp. */
  stampOf(stored: StoredValue): string | null

  /**
   * Compares the number of a record with SQL, whatever its stamp says, and gives the record after that. `own` are numbers that
   * the caller has raised and not used yet.
   */
  compare(handle: string, loaded: LoadedRecord, own?: readonly OpenChange[]): Promise<LoadedRecord>

  /** Like `load`, but first asks SQL again which histories are in use. */
  reload(handle: string): Promise<LoadedRecord>

  /** Replaces the loaded record with `to`. False, and no effect, if another change was faster. */
  swap(handle: string, from: LoadedRecord, to: SessionRecord): Promise<boolean>
}

/** What the fence asks, and what it reports to. */
export type FenceOptions = {
  numbers: LoginNumbers
  changes: Changes
  histories: Histories
  limitFor: (roles: readonly string[]) => number
  /** A clock that only goes forward, and a function that waits; both in milliseconds. */
  monotonic: () => number
  pause: (ms: number) => Promise<void>
  /** A stored value is not a valid record. It counts as missing. */
  onUnreadable: (handle: string) => void
  /** A session of this user has just ended. */
  onEnded: (handle: string) => void
  /** A session expired, or was above a lowered limit. Called once, on the instance that stored it. */
  onExpired: (userId: string, session: LiveSession, ended: EndedSession) => void
}

/** Makes the fence over a store. */
export function openFence(store: SessionStore, options: FenceOptions): Fence {
  const { numbers, changes, limitFor, pause, onUnreadable } = options
  const stamps = followStamps(store, options)
  return { load, reload, confirm, stampOf: stamps.known, compare, swap }

  async function load(handle: string): Promise<LoadedRecord> {
    return confirm(handle, await store.read(handle))
  }

  async function reload(handle: string): Promise<LoadedRecord> {
    stamps.forget()
    return load(handle)
  }

  async function confirm(handle: string, stored: StoredValue): Promise<LoadedRecord> {
    const loaded = await interpret(handle, stored)
    const { record, stamp } = loaded
    return record === null || record.stamp === stamp ? loaded : compare(handle, loaded)
  }

  /**
   * Makes a record and SQL agree. While another instance's change is under way they cannot be compared, so this waits for it, up
   * to 0.3 s. If the change is still open then, the record is valid if the store still has the history under which it was
   * confirmed, and is lost otherwise.
   */
  async function compare(
    handle: string,
    from: LoadedRecord,
    own: readonly OpenChange[] = [],
  ): Promise<LoadedRecord> {
    const mine = own.map(({ number }) => number)
    let loaded = from
    for (let attempt = 0, waited = 0; attempt < ATTEMPTS; attempt++) {
      const { record, stamp } = loaded
      if (record === null) return loaded
      const user = await numbers.find({ handle })
      if (user === null) return { ...loaded, record: null, expired: [] }
      const wait = WAITS[waited] ?? null
      const isSameHistory = record.stamp === stamp
      const isLast = wait === null
      const verdict = await judge(changes, record, user, { isSameHistory, isLast, mine })
      if (verdict.kind === 'agrees' && isSameHistory) return loaded
      if (verdict.kind === 'under way') {
        if (wait === null) return loaded
        await pause(wait)
        waited++
      } else if (verdict.kind !== 'lost' || (await isUnchanged(handle, loaded))) {
        const settled = await settle({ ...loaded, record }, user, verdict)
        if (settled !== null) return settled
      }
      loaded = await interpret(handle, await store.read(handle))
    }
    throw storeUnavailable(new Error('this record changes all the time'))
  }

  /** Whether the record is still as it was read. If it changed since, a missing number does not mean that it was lost. */
  async function isUnchanged(handle: string, { stored }: LoadedRecord): Promise<boolean> {
    const { text, history } = await store.read(handle)
    return text === stored.text && history === stored.history
  }

  /** Stores the consequence of a verdict; null if another change was faster. */
  async function settle(
    loaded: LoadedRecord & { record: SessionRecord },
    user: NumberedUser,
    verdict: Verdict,
  ): Promise<LoadedRecord | null> {
    const { record, stamp, stored } = loaded
    const now = store.now()
    if (verdict.kind === 'agrees') return swapped(user.handle, loaded, { ...record, stamp })
    if (verdict.kind === 'cut off') {
      const { number } = verdict
      return swapped(user.handle, loaded, { ...applyUser(record, { ...user, number }, now), stamp })
    }
    // If sessions may be lost, end them under a new number, so that no older record of them is accepted later. If SQL went back,
    // raise its number above the record's, so that it gives out no number twice.
    const isLost = verdict.kind === 'lost'
    const under = historyOf(store, stored, stamp)
    const purpose = isLost ? LOST : FORWARD
    const raised = await numbers.raise(user.handle, { above: record.number, under, purpose })
    if (raised === null || raised === 'outdated') {
      stamps.forget()
      return null
    }
    const applied = { ...applyUser(record, raised, now), stamp }
    const next = isLost ? end(applied, () => true, 'session_lost', now) : applied
    const done = await swapped(user.handle, loaded, next)
    const did = done === null ? null : effectOf(record, next, raised.number, now)
    if (did !== null) await changes.close([{ ...openChange(raised, purpose), did }])
    return done
  }

  async function swapped(
    handle: string,
    loaded: LoadedRecord,
    record: SessionRecord,
  ): Promise<LoadedRecord | null> {
    if (!(await swap(handle, loaded, record))) return null
    const stored = { ...loaded.stored, text: encodeRecord(record) }
    return { stored, stamp: loaded.stamp, record, expired: [] }
  }

  async function interpret(handle: string, stored: StoredValue): Promise<LoadedRecord> {
    const stamp = stamps.known(stored) ?? (await stamps.ask(stored))
    const found = stored.text === null ? null : decodeRecord(stored.text)
    if (found === null) {
      if (stored.text !== null) onUnreadable(handle)
      return { stored, stamp, record: null, expired: [] }
    }
    const record = expire(found, limitFor(found.user.roles), store.now())
    const expired = record === found ? [] : found.live.filter((s) => !record.live.includes(s))
    return { stored, stamp, record, expired }
  }

  async function swap(handle: string, from: LoadedRecord, to: SessionRecord): Promise<boolean> {
    const done = await store.swap(handle, from.stored, encodeRecord(to), keepUntil(to, store.now()))
    if (!done) return false
    for (const session of from.expired) tellExpired(to, session)
    const isLive = new Set(to.live.map((s) => s.secretHash))
    const hasEnded = from.record?.live.some((s) => !isLive.has(s.secretHash)) === true
    if (hasEnded || from.expired.length > 0) options.onEnded(handle)
    return true
  }

  function tellExpired({ user, ended }: SessionRecord, session: LiveSession): void {
    const prefix = hashPrefix(session.secretHash)
    const ending = ended.find((s) => s.hashPrefix === prefix)
    if (ending !== undefined) options.onExpired(user.id, session, ending)
  }
}

/** The open change of a number that the caller has just raised. */
export function openChange({ id, handle, number }: NumberedUser, purpose: Purpose): OpenChange {
  return { userId: id, handle, number, ...purpose, age: 0 }
}

/** The history under which a number is raised; null if the store cannot lose writes that SQL has. */
export function historyOf(
  store: Pick<SessionStore, 'histories'>,
  { history }: StoredValue,
  stamp: string,
): History | null {
  return store.histories === 'none' ? null : { history, stamp }
}

const FORWARD = { kind: 'update', sessionId: null, note: null } as const
const LOST = { kind: 'end', sessionId: null, note: null } as const

/** How long to wait between two reads of a record while a change of it is under way, milliseconds. One last read follows. */
const WAITS = [5, 10, 20, 40, 80, 150]

/** How often to read a record again because another change was faster, before giving up. */
export const ATTEMPTS = 100
