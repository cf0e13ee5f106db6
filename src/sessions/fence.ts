import { LRUCache } from 'lru-cache'
import type { Account, Accounts } from '../accounts/accounts.ts'
import { decodeRecord, encodeRecord } from './codec.ts'
import {
  type EndedSession,
  type Holder,
  hashPrefix,
  type LiveSession,
  type SeatRecord,
} from './record.ts'
import { emptyRecord, end, keepUntil, settle } from './rules.ts'
import type { Reading, Register } from './store.ts'

/** A record as it was read. */
export type Loaded = {
  /** What is stored, which is what a swap compares. */
  text: string | null
  /** The record as it stands now: in it, what ran out has ended, whether that is stored already or not. */
  record: SeatRecord | null
  /** The sessions that are stored as live and have run out. */
  ranOut: readonly LiveSession[]
}

/** Seat records over any engine: read, fenced against a past that came back, and changed atomically. */
export type Records = {
  /** The record as it is, confirmed against SQL if the engine restarted or changed since that was last done. */
  load(handle: string): Promise<Loaded>

  /**
   * `load` for whoever has read: what the reading says if that was confirmed, else null; then `confirmed` gives what it
   * comes to. In two halves, because every check goes through the first, and a promise more would show.
   */
  standing(handle: string, reading: Reading): Loaded | null
  confirmed(handle: string, reading: Reading): Promise<Loaded>

  /** Puts `to` in place of what was loaded. False, and no effect, if somebody was faster. */
  swap(handle: string, from: Loaded, to: SeatRecord): Promise<boolean>

  /**
   * Applies `step` under a login number above every number applied so far, and raises one in SQL unless `account` brings
   * it. Gives the record before and after the step, or null if there was nothing to do: no record, or `step` gave null. `step` is
   * pure, is given the record as it stands now, and is tried again on the newer one if somebody was faster.
   */
  advance(
    handle: string,
    account: Account | null,
    step: Step,
  ): Promise<{ before: SeatRecord; after: SeatRecord } | null>

  /**
   * Writes down the number of `account` when it came to nothing. A record that stays behind SQL looks, after the next
   * restart of the engine, like one that lost what the number stood for.
   */
  spend(handle: string, account: Account): Promise<void>

  now(): number
}

export type Step = (record: SeatRecord, number: number, now: number) => SeatRecord | null

/** Who is told of what happens to records. */
export type RecordNews = {
  /** A stored value is no record: it counts as gone. */
  onUnreadable: (handle: string) => void
  /** A session of this user has just ended. */
  onEnded: (handle: string) => void
  /** A session ran out, by time or by a lowered limit; told once, by whoever stored it. */
  onRanOut?: (holder: Holder, session: LiveSession, ended: EndedSession) => void
}

/** `limitFor`: how many sessions a user with these roles may have. */
export function openRecords(
  register: Register,
  accounts: Accounts,
  limitFor: (roles: readonly string[]) => number,
  news: RecordNews,
): Records {
  const decoded = new LRUCache<string, { text: string; record: SeatRecord }>({
    maxSize: REMEMBERED,
    sizeCalculation: ({ text }) => text.length,
  })
  return { load, standing, confirmed, swap, advance, spend, now: register.now }

  async function load(handle: string): Promise<Loaded> {
    const reading = await register.read(handle)
    return standing(handle, reading) ?? confirmed(handle, reading)
  }

  function standing(handle: string, { text, incarnation }: Reading): Loaded | null {
    if (text === null) return nothing(text)
    const record = decode(handle, text)
    return record?.confirmedUnder === incarnation ? asItStands(text, record) : null
  }

  async function confirmed(handle: string, { text, incarnation }: Reading): Promise<Loaded> {
    const record = text === null ? null : decode(handle, text)
    if (record === null) {
      news.onUnreadable(handle)
      return nothing(text)
    }
    const next = await confirm(handle, record, incarnation)
    if (next === null) return nothing(text)
    const done = await swap(handle, { text, record, ranOut: NONE }, next)
    return done ? asItStands(encodeRecord(next), next) : load(handle)
  }

  /** The text is the store's, of this moment; only what was made of the very same text before is not made again. */
  function decode(handle: string, text: string): SeatRecord | null {
    const last = decoded.get(handle)
    if (last?.text === text) return last.record
    const record = decodeRecord(text)
    if (record !== null) decoded.set(handle, { text, record })
    return record
  }

  function asItStands(text: string, stored: SeatRecord): Loaded {
    const record = settle(stored, limitFor(stored.holder.roles), register.now())
    const ranOut = record === stored ? NONE : stored.live.filter((s) => !record.live.includes(s))
    return { text, record, ranOut }
  }

  /**
   * The fence: SQL's number tells whether this record is the newest there was. If it is, it stands; if SQL knows of later
   * logins or endings, the engine has lost them, and every session in the record may be one they ended.
   */
  async function confirm(
    handle: string,
    record: SeatRecord,
    incarnation: string,
  ): Promise<SeatRecord | null> {
    const account = await accounts.findByHandle(handle)
    if (account === null) return null
    if (account.epoch === record.epoch) return { ...record, confirmedUnder: incarnation }
    if (account.epoch > record.epoch) {
      const ended = end(record, () => true, 'session_replaced', register.now())
      return { ...ended, epoch: account.epoch, holder: holderOf(account), confirmedUnder: incarnation }
    }
    // SQL itself was put back in time: bring its number forward, so that it gives out none twice.
    const raised = await accounts.raise(account.id, record.epoch)
    return { ...record, epoch: raised?.epoch ?? record.epoch, confirmedUnder: incarnation }
  }

  async function swap(handle: string, from: Loaded, to: SeatRecord): Promise<boolean> {
    const done = await register.swap(handle, from.text, encodeRecord(to), keepUntil(to, register.now()))
    if (!done) return false
    for (const session of from.ranOut) tellRanOut(to, session)
    const isLive = new Set(to.live.map((s) => s.secretHash))
    const hasEnded = from.record?.live.some((s) => !isLive.has(s.secretHash)) === true
    if (hasEnded || from.ranOut.length > 0) news.onEnded(handle)
    return true
  }

  function tellRanOut({ holder, ended }: SeatRecord, session: LiveSession): void {
    const prefix = hashPrefix(session.secretHash)
    const ending = ended.find((s) => s.hashPrefix === prefix)
    if (ending !== undefined) news.onRanOut?.(holder, session, ending)
  }

  async function spend(handle: string, account: Account): Promise<void> {
    for (;;) {
      const loaded = await load(handle)
      if (loaded.record === null || loaded.record.epoch >= account.epoch) return
      const next = { ...loaded.record, epoch: account.epoch, holder: holderOf(account) }
      if (await swap(handle, loaded, next)) return
    }
  }

  async function advance(handle: string, given: Account | null, step: Step) {
    for (let account = given; ; ) {
      const loaded = await load(handle)
      const before = loaded.record ?? (account === null ? null : emptyRecord(holderOf(account)))
      if (before === null) return null
      const number = account === null || account.epoch <= before.epoch ? null : account.epoch
      const after = step(before, number ?? before.epoch + 1, register.now())
      if (after === null) {
        if (account !== null) await spend(handle, account)
        return null
      }
      if (number === null || account === null) {
        account = await accounts.raise(before.holder.id, before.epoch)
        if (account === null) return null
        continue // read again: the store may have moved on meanwhile
      }
      const done = { ...after, epoch: number, holder: holderOf(account) }
      // Roles that have just changed may have a lower limit, which is to end sessions now and for good.
      const next = settle(done, limitFor(done.holder.roles), register.now())
      const ranOut = [...loaded.ranOut, ...done.live.filter((s) => !next.live.includes(s))]
      if (await swap(handle, { ...loaded, ranOut }, next)) return { before, after: done }
    }
  }
}

function nothing(text: string | null): Loaded {
  return { text, record: null, ranOut: NONE }
}

const NONE: readonly LiveSession[] = []

/** What the record keeps of an account. */
export function holderOf({ id, username, roles, createdAt, disabled }: Account): Holder {
  return { id, username, roles, createdAt, disabled }
}

/** Characters of records that need not be decoded again while they stay the same: some 10,000 users, or 50 MiB. */
const REMEMBERED = 8 * 1024 * 1024
