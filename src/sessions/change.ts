import { type Core, closeNumbers, closeUnused } from './core.ts'
import { effectOf } from './effects.ts'
import { ATTEMPTS, historyOf, openChange } from './fence.ts'
import type { NumberedUser, OpenChange, Purpose } from './numbers.ts'
import type { EndReason, LiveSession, SessionRecord } from './record.ts'
import { storeUnavailable } from './refusal.ts'
import { applyUser, end, expire, renew, sinceReplaced } from './rules.ts'
import type { Change, Claimed, Ended, Sessions } from './sessions.ts'
import { formatToken, hashSecret, newSecret, type SessionKey } from './token.ts'
import { isComplete } from './verdict.ts'

type Changing = Pick<Sessions, 'release' | 'revoke' | 'update' | 'renew' | 'dispute'>

/**
 * Makes the next record under a higher number; null if there is nothing to do. It is pure, and runs again if the record changed.
 */
type Step = (record: SessionRecord, number: number, now: number) => SessionRecord | null

/** Picks the sessions of a record that have to end. */
type Picked = (record: SessionRecord) => (session: LiveSession) => boolean

/** What a change did: the user as they are now, and the records before and after it, null if there is none. */
type Done = { user: NumberedUser; before: SessionRecord | null; after: SessionRecord | null }

/** All changes of sessions except a login. */
export function changesOf(core: Core): Changing {
  const { store, numbers, changes, fence, policyFor, random, keys } = core
  return { release, revoke, update, renew: renewSession, dispute }

  async function release(
    { handle, secretHash }: SessionKey,
    reason: EndReason,
    note: string | null = null,
  ): Promise<boolean> {
    const isIt = (s: LiveSession) => s.secretHash === secretHash
    return (await endSessions(handle, () => isIt, reason, note)).length > 0
  }

  async function revoke(
    handle: string,
    sessionId: string | null,
    reason: EndReason,
    note: string | null = null,
  ): Promise<readonly LiveSession[]> {
    const isIt = (s: LiveSession) => sessionId === null || s.id === sessionId
    return endSessions(handle, () => isIt, reason, note)
  }

  async function dispute(
    { ended, key }: Ended,
    note: string | null = null,
    make: Change | null = null,
  ): Promise<readonly LiveSession[] | null> {
    const isDisputed = (record: SessionRecord) =>
      record.ended.some((s) => s.id === ended.replacedBy?.sessionId && s.reason === 'session_disputed')
    // A second dispute must not end the sessions of those who signed in after the first.
    const pick: Picked = (record) => (isDisputed(record) ? () => false : sinceReplaced(ended))
    const disputed = await endSessions(key.handle, pick, 'session_disputed', note, make)
    return disputed.length === 0 ? null : disputed
  }

  /** `make` changes the user in SQL too, also if no session ends. */
  async function endSessions(
    handle: string,
    pick: Picked,
    reason: EndReason,
    note: string | null,
    make: Change | null = null,
  ): Promise<readonly LiveSession[]> {
    const purpose = { kind: 'end', sessionId: null, note } as const
    const step: Step = (record, _number, now) =>
      record.live.some(pick(record)) ? end(record, pick(record), reason, now) : null
    const { before = null, after = null } = (await change(handle, purpose, step, make)) ?? {}
    return before?.live.filter(pick(before)).filter((s) => !after?.live.includes(s)) ?? []
  }

  async function update(
    handle: string,
    make: Change,
    note: string | null = null,
    reason: EndReason | null = null,
  ): Promise<NumberedUser | null> {
    const step: Step = (record, _number, now) =>
      reason === null ? record : end(record, () => true, reason, now)
    const done = await change(handle, { kind: 'update', sessionId: null, note }, step, make)
    return done?.user ?? null
  }

  async function renewSession(
    key: SessionKey,
    make: Change,
    note: string | null = null,
  ): Promise<Claimed | null> {
    const secret = newSecret(random)
    const secretHash = hashSecret(keys[0] as string, secret)
    const purpose = { kind: 'end', sessionId: null, note } as const
    const done = await change(
      key.handle,
      purpose,
      (record, epoch, now) => renew(record, key.secretHash, { secretHash, epoch }, now) ?? record,
      make,
    )
    const session = done?.after?.live.find((s) => s.secretHash === secretHash)
    if (session === undefined || done?.after === null || done === null) return null
    const token = formatToken(key.handle, secret)
    return { kind: 'claimed', token, session, user: done.after.user, replaced: [] }
  }

  /**
   * Changes a record under a new number: reads it, raises the number in SQL, and swaps. Null if there was nothing to do. `make`
   * raises the number itself, for a change that also changes the user in SQL.
   */
  async function change(
    handle: string,
    wish: Purpose,
    step: Step,
    make: Change | null = null,
  ): Promise<Done | null> {
    const taken: OpenChange[] = []
    let loaded = await fence.load(handle)
    let user: NumberedUser | null = null
    let purpose = wish
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { record, stored, stamp, expired } = loaded
      const now = store.now()
      const isIdle = record === null || step(record, record.number + 1, now) === null
      if (isIdle && user === null && make === null) return null
      if (user === null || (record !== null && user.number <= record.number)) {
        const raise = { above: record?.number ?? 0, under: historyOf(store, stored, stamp), purpose }
        const raised: NumberedUser | 'outdated' | null =
          user === null && make !== null ? await make(raise) : await numbers.raise(handle, raise)
        if (raised === 'outdated') {
          loaded = await fence.reload(handle)
          continue
        }
        if (raised === null) return null
        user = raised
        if (raised.note !== undefined) purpose = { ...wish, note: raised.note }
        taken.push(openChange(user, purpose))
      }
      if (isIdle && make === null) {
        await closeUnused(core, user, taken, loaded)
        return null
      }
      if (record === null) {
        // A first login may have made the record meanwhile. One that makes it later sees the new number.
        loaded = await fence.load(handle)
        if (loaded.record !== null) continue
        await closeNumbers(core, taken, { at: now, started: null, ended: [] })
        return { user, before: null, after: null }
      }
      if (!(await isComplete(changes, record, user))) {
        loaded = await fence.compare(handle, loaded, taken)
        if (loaded.record !== record) continue
      }
      const stepped = step({ ...record, number: user.number }, user.number, now) ?? record
      // If the roles have changed, their limit may be lower. That ends sessions now, and they stay ended.
      const applied = applyUser(stepped, user, now)
      const next = expire(applied, policyFor(user.roles).limit, now)
      const gone = applied.live.filter((s) => !next.live.includes(s))
      if (await fence.swap(handle, { ...loaded, expired: [...expired, ...gone] }, next)) {
        await closeNumbers(core, taken, effectOf(record, applied, user.number, now))
        return { user, before: record, after: applied }
      }
      loaded = await fence.load(handle)
    }
    throw storeUnavailable(new Error('this record changes all the time'))
  }
}
