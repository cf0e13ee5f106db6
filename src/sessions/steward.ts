import { hashPrefix } from './record.ts'
import type { Records } from './records.ts'
import type { Sessions } from './sessions.ts'
import { formatToken, hashSecret, newSecret, newSessionId, type RandomBytes } from './token.ts'
import { closeBelow, end, renew, settle } from './transitions.ts'

type StewardOptions = { random: RandomBytes; limitFor: (roles: readonly string[]) => number }

/** What users and administrators do with sessions: see them, end them, and change what they stand on. */
export function stewardSessions(
  records: Records,
  { random, limitFor }: StewardOptions,
): Pick<Sessions, 'list' | 'revoke' | 'update' | 'renew' | 'dispute' | 'notice'> {
  return {
    async list(handle) {
      const { record } = await records.load(handle)
      if (record === null) return []
      return settle(record, limitFor(record.holder.roles), records.now()).live.toReversed()
    },

    async revoke(handle, sessionId, reason) {
      const done = await records.advance(handle, null, (record, number, now) => {
        const settled = settle(record, limitFor(record.holder.roles), now)
        const ended =
          sessionId === null
            ? closeBelow(settled, number, reason, now)
            : end(settled, (s) => s.id === sessionId, reason, now)
        return ended.live.length === settled.live.length ? null : ended
      })
      if (done === null) return []
      const left = new Set(done.after.live.map((s) => s.id))
      const was = settle(done.before, limitFor(done.before.holder.roles), records.now())
      return was.live.filter((s) => !left.has(s.id))
    },

    async update(account) {
      await records.advance(account.handle, account, (record, _number, now) =>
        account.disabled ? closeBelow(record, account.epoch, 'user_disabled', now) : record,
      )
    },

    async renew(proof, account) {
      const secret = newSecret(random)
      const id = newSessionId(random)
      const done = await records.advance(proof.handle, account, (record, number, now) => {
        const as = { id, secretHash: hashSecret(secret), epoch: number }
        const kept = renew(record, proof.secretHash, as, 'password_changed', now) ?? record
        return closeBelow(kept, account.epoch, 'password_changed', now)
      })
      const session = done?.after.live.find((s) => s.id === id)
      if (done === null || session === undefined) return null
      const token = formatToken(proof.handle, secret)
      return { kind: 'claimed', token, session, holder: done.after.holder, replaced: [] }
    },

    async dispute({ ended }, handle) {
      const by = ended.replacedBy?.sessionId
      const done = await records.advance(handle, null, (record, _number, now) => {
        const settled = settle(record, limitFor(record.holder.roles), now)
        return settled.live.some((s) => s.id === by)
          ? end(settled, (s) => s.id === by, 'session_disputed', now)
          : null
      })
      return done?.before.live.find((s) => s.id === by) ?? null
    },

    async notice(proof) {
      for (;;) {
        const loaded = await records.load(proof.handle)
        if (loaded.record === null) return false
        const next = settle(loaded.record, limitFor(loaded.record.holder.roles), records.now())
        const prefix = hashPrefix(proof.secretHash)
        const isNew = next !== loaded.record && !loaded.record.ended.some((s) => s.hashPrefix === prefix)
        if (!isNew) return false
        if (await records.swap(proof.handle, loaded, next))
          return next.ended.some((s) => s.hashPrefix === prefix)
      }
    },
  }
}
