import { LRUCache } from 'lru-cache'
import type { Account, Accounts } from '../accounts/accounts.ts'
import { decodeRecord, encodeRecord } from './codec.ts'
import type { Holder, SeatRecord } from './record.ts'
import type { Register } from './register.ts'
import { emptyRecord, end, keepUntil } from './transitions.ts'

/** A record with the text it was read from, which is what a swap compares. */
export type Loaded = { text: string | null; record: SeatRecord | null }

/** Seat records over any engine: read, fenced against a past that came back, and changed atomically. */
export type Records = {
  /** The record as it is, confirmed against SQL if the engine restarted or changed since that was last done. */
  load(handle: string): Promise<Loaded>

  /** Puts `to` in place of what was loaded. False, and no effect, if somebody was faster. */
  swap(handle: string, from: Loaded, to: SeatRecord): Promise<boolean>

  /**
   * Applies `step` under a login number above every number applied so far, and raises one in SQL unless `account` brings
   * it. Gives the records before and after, or null if there was nothing to do: no record, or `step` gave null. `step` is
   * pure, and is tried again on the newer record if somebody was faster.
   */
  advance(
    handle: string,
    account: Account | null,
    step: Step,
  ): Promise<{ before: SeatRecord; after: SeatRecord } | null>

  now(): number
}

export type Step = (record: SeatRecord, number: number, now: number) => SeatRecord | null

/** Who is told of what happens to records. */
export type RecordNews = {
  /** A stored value is no record: it counts as gone. */
  onUnreadable: (handle: string) => void
  /** A session of this user has just ended. */
  onEnded: (handle: string) => void
}

export function openRecords(register: Register, accounts: Accounts, news: RecordNews): Records {
  const decoded = new LRUCache<string, { text: string; record: SeatRecord }>({ max: REMEMBERED })
  return { load, swap, advance, now: register.now }

  async function load(handle: string): Promise<Loaded> {
    for (;;) {
      const { text, incarnation } = await register.read(handle)
      if (text === null) return { text, record: null }
      const record = decode(handle, text)
      if (record === null) {
        news.onUnreadable(handle)
        return { text, record }
      }
      if (record.confirmedUnder === incarnation) return { text, record }
      const confirmed = await confirm(handle, record, incarnation)
      if (confirmed === null) return { text, record: null }
      if (await swap(handle, { text, record }, confirmed)) {
        return { text: encodeRecord(confirmed), record: confirmed }
      }
    }
  }

  /** The text is the store's, of this moment; only what was made of the very same text before is not made again. */
  function decode(handle: string, text: string): SeatRecord | null {
    const last = decoded.get(handle)
    if (last?.text === text) return last.record
    const record = decodeRecord(text)
    if (record !== null) decoded.set(handle, { text, record })
    return record
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
    if (
      done &&
      from.record?.live.some((was) => to.live.every((is) => is.secretHash !== was.secretHash))
    ) {
      news.onEnded(handle)
    }
    return done
  }

  async function advance(handle: string, given: Account | null, step: Step) {
    for (let account = given; ; ) {
      const loaded = await load(handle)
      const before = loaded.record ?? (account === null ? null : emptyRecord(holderOf(account)))
      if (before === null) return null
      const number = account === null || account.epoch <= before.epoch ? null : account.epoch
      const after = step(before, number ?? before.epoch + 1, register.now())
      if (after === null) return null
      if (number === null || account === null) {
        account = await accounts.raise(before.holder.id, before.epoch)
        if (account === null) return null
        continue // read again: the store may have moved on meanwhile
      }
      const next = { ...after, epoch: number, holder: holderOf(account) }
      if (await swap(handle, loaded, next)) return { before, after: next }
    }
  }
}

/** What the record keeps of an account. */
export function holderOf({ id, username, roles, createdAt, disabled }: Account): Holder {
  return { id, username, roles, createdAt, disabled }
}

/** Records that need not be decoded again while their text stays the same. */
const REMEMBERED = 10_000
