import type { Accounts } from '../accounts/accounts.ts'
import { Refusal } from '../errors.ts'
import { holderOf, openRecords, type RecordNews } from './fence.ts'
import { look } from './look.ts'
import type { LiveSession } from './record.ts'
import { closeBelow, end, type SeatPolicy, seat, touch } from './rules.ts'
import type { Live, Login, Sessions } from './sessions.ts'
import { stewardSessions } from './steward.ts'
import type { Register } from './store.ts'
import { formatToken, hashSecret, newSecret, newSessionId, type RandomBytes } from './token.ts'

/** What the keeper is told from outside: timeouts in milliseconds, the policy, and its sources of chance and news. */
export type KeeperOptions = {
  idleTimeout: number
  absoluteTimeout: number
  policyFor: (roles: readonly string[]) => SeatPolicy
  random: RandomBytes
} & RecordNews

/** The rules about sessions, over any engine. The four verbs every request needs are here, the rarer ones with the steward. */
export function keepSessions(register: Register, accounts: Accounts, options: KeeperOptions): Sessions {
  const { idleTimeout, absoluteTimeout, policyFor } = options
  const touchInterval = Math.min(60_000, idleTimeout / 10)
  const limitFor = (roles: readonly string[]) => policyFor(roles).limit
  const records = openRecords(register, accounts, limitFor, options)

  return {
    async claim(login) {
      // Settles the past before a new number makes it look outdated, and lets SQL catch up if it was put back in time.
      let above = (await records.load(login.handle)).record?.epoch ?? 0
      const secret = newSecret(options.random)
      const id = newSessionId(options.random)
      for (;;) {
        const account = await accounts.raise(login.userId, above, register.now())
        if (account === null || account.disabled || account.credentialEpoch !== login.credentialEpoch) {
          if (account !== null) await records.spend(login.handle, account)
          throw new Refusal('invalid_credentials')
        }
        const holder = holderOf(account)
        const policy = policyFor(holder.roles)
        for (;;) {
          const loaded = await records.load(login.handle)
          const now = records.now()
          const session = bornSession(login, id, secret, account.epoch, now)
          // Who changed the password may have found the store away: what is older than the password ends here at last.
          const record =
            loaded.record && closeBelow(loaded.record, account.credentialEpoch, 'password_changed', now)
          const ownSecretHash =
            login.presented?.handle === login.handle ? login.presented.secretHash : null
          const outcome = seat(
            record,
            holder,
            { session, policy, ownSecretHash, replace: login.replace },
            now,
          )
          if (outcome.kind === 'superseded') throw new Refusal('login_superseded')
          if (outcome.kind === 'stale') {
            above = loaded.record?.epoch ?? 0
            break
          }
          if (!(await records.swap(login.handle, loaded, outcome.record))) continue
          if (outcome.kind === 'full') return { kind: 'full', sessions: outcome.sessions }
          if (loaded.record === null && !(await isLive(login.handle, id))) {
            throw new Refusal('login_superseded')
          }
          const token = formatToken(login.handle, secret)
          return { kind: 'claimed', token, session, holder, replaced: outcome.replaced }
        }
      }
    },

    async find(proof) {
      const { handle } = proof
      const reading = await register.read(handle)
      return look(records.standing(handle, reading) ?? (await records.confirmed(handle, reading)), proof)
    },

    isDue,

    async extend(live) {
      const { proof } = live
      if (!isDue(live)) return live
      for (;;) {
        const loaded = await records.load(proof.handle)
        if (loaded.record === null) return null
        const seen = look(loaded, proof)
        if (seen?.state !== 'live' || !isDue(seen)) return seen
        const next = touch(loaded.record, seen.session.id, idleTimeout, records.now())
        if (next !== null && (await records.swap(proof.handle, loaded, next)))
          return look({ record: next, ranOut: [] }, proof)
      }
    },

    async release(proof, reason) {
      const done = await records.advance(proof.handle, null, (record, _number, now) =>
        record.live.some((s) => s.secretHash === proof.secretHash)
          ? end(record, (s) => s.secretHash === proof.secretHash, reason, now)
          : null,
      )
      return done !== null
    },

    ...stewardSessions(records, options.random),
  }

  function isDue({ session }: Live): boolean {
    return records.now() - session.lastSeenAt >= touchInterval
  }

  /**
   * Whether a session put where nothing was stands: it must not stand in for a later login that the engine lost, nor be
   * taken for lost itself when the next login has its number already. Loading confirms it.
   */
  async function isLive(handle: string, sessionId: string): Promise<boolean> {
    const { record } = await records.load(handle)
    return record?.live.some((s) => s.id === sessionId) === true
  }

  function bornSession(
    login: Login,
    id: string,
    secret: string,
    epoch: number,
    now: number,
  ): LiveSession {
    return {
      id,
      secretHash: hashSecret(secret),
      epoch,
      device: login.device,
      ip: login.ip,
      createdAt: now,
      lastSeenAt: now,
      idleExpiresAt: now + Math.min(idleTimeout, absoluteTimeout),
      expiresAt: now + absoluteTimeout,
    }
  }
}
