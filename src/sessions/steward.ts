import type { Records } from './fence.ts'
import { look } from './look.ts'
import type { SeatRecord } from './record.ts'
import { closeBelow, end, renew } from './rules.ts'
import type { Sessions } from './sessions.ts'
import { formatToken, hashSecret, newSecret, type RandomBytes } from './token.ts'

/** What users and administrators do with sessions: see them, end them, and change what they stand on. */
export function stewardSessions(
  records: Records,
  random: RandomBytes,
): Pick<Sessions, 'list' | 'revoke' | 'update' | 'renew' | 'dispute' | 'notice'> {
  return {
    async list(handle) {
      return (await storeRunOut(handle))?.live.toReversed() ?? []
    },

    async revoke(handle, sessionId, reason) {
      const done = await records.advance(handle, null, (record, number, now) => {
        const after =
          sessionId === null
            ? closeBelow(record, number, reason, now)
            : end(record, (s) => s.id === sessionId, reason, now)
        return after.live.length === record.live.length ? null : after
      })
      return done?.before.live.filter((s) => !done.after.live.includes(s)) ?? []
    },

    async update(handle, change) {
      await records.load(handle) // settles the past before a new number makes it look outdated
      const account = await change()
      await records.advance(handle, account, (record, _number, now) =>
        account.disabled ? closeBelow(record, account.epoch, 'user_disabled', now) : record,
      )
      return account
    },

    async renew(proof, change) {
      await records.load(proof.handle)
      const account = await change()
      const secret = newSecret(random)
      const secretHash = hashSecret(secret)
      const done = await records.advance(proof.handle, account, (record, number, now) => {
        const mine = record.live.find((s) => s.secretHash === proof.secretHash)
        const as = { id: mine?.id ?? '', secretHash, epoch: number } // still the same session: it keeps its name
        const kept = renew(record, proof.secretHash, as, 'password_changed', now) ?? record
        return closeBelow(kept, account.epoch, 'password_changed', now)
      })
      const session = done?.after.live.find((s) => s.secretHash === secretHash)
      if (done === null || session === undefined) return null
      const token = formatToken(proof.handle, secret)
      return { kind: 'claimed', token, session, holder: done.after.holder, replaced: [] }
    },

    async dispute({ ended }, handle) {
      const by = ended.replacedBy?.sessionId
      const done = await records.advance(handle, null, (record, _number, now) =>
        record.live.some((s) => s.id === by)
          ? end(record, (s) => s.id === by, 'session_disputed', now)
          : null,
      )
      return done?.before.live.find((s) => s.id === by) ?? null
    },

    async notice(proof) {
      return look({ record: await storeRunOut(proof.handle), ranOut: [] }, proof)
    },
  }

  /** What somebody was shown or told to have run out has ended, and stays so whatever becomes of limits and clocks. */
  async function storeRunOut(handle: string): Promise<SeatRecord | null> {
    for (;;) {
      const loaded = await records.load(handle)
      if (loaded.record === null || loaded.ranOut.length === 0) return loaded.record
      if (await records.swap(handle, loaded, loaded.record)) return loaded.record
    }
  }
}
