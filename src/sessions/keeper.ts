import type { Account, Accounts } from '../accounts/accounts.ts'
import { Refusal } from '../errors.ts'
import { decodeRecord, encodeRecord } from './codec.ts'
import { type Holder, hashPrefix, type LiveSession, type SeatRecord } from './record.ts'
import type { Register } from './register.ts'
import type { Found, Login, Sessions } from './sessions.ts'
import {
  formatToken,
  hashSecret,
  newSecret,
  newSessionId,
  type RandomBytes,
  type TokenProof,
} from './token.ts'
import { end, keepUntil, type SeatPolicy, seat, settle, touch } from './transitions.ts'

/** What the keeper is told from outside: timeouts in milliseconds, the policy, and its sources of chance and news. */
export type KeeperOptions = {
  idleTimeout: number
  absoluteTimeout: number
  policyFor: (roles: readonly string[]) => SeatPolicy
  random: RandomBytes
  /** A stored value that is no record: it counts as gone. */
  onUnreadable: (handle: string) => void
}

/** A record with the text it was read from, which is what a swap compares. */
type Loaded = { text: string | null; record: SeatRecord | null }

/** The rules about sessions, over any engine. */
export function keepSessions(register: Register, accounts: Accounts, options: KeeperOptions): Sessions {
  const { idleTimeout, absoluteTimeout, policyFor } = options
  const touchInterval = Math.min(60_000, idleTimeout / 10)

  return {
    async claim(login) {
      await load(login.handle) // settles the past before a new number makes it look outdated, and proves the store is there
      const secret = newSecret(options.random)
      const id = newSessionId(options.random)
      for (let above = 0; ; ) {
        const account = await accounts.raise(login.userId, above)
        if (account === null || account.disabled || account.credentialEpoch !== login.credentialEpoch) {
          throw new Refusal('invalid_credentials')
        }
        const holder = holderOf(account)
        for (;;) {
          const now = register.now()
          const loaded = await load(login.handle)
          const session = bornSession(login, id, secret, account.epoch, now)
          const presented = login.presented?.handle === login.handle ? login.presented.secretHash : null
          const claim = {
            session,
            policy: policyFor(holder.roles),
            ownSecretHash: presented,
            replace: login.replace,
          }
          const outcome = seat(loaded.record, holder, claim, now)
          if (outcome.kind === 'superseded') throw new Refusal('login_superseded')
          if (outcome.kind === 'stale') {
            above = loaded.record?.epoch ?? 0
            break
          }
          if (!(await swap(login.handle, loaded, outcome.record))) continue
          if (outcome.kind === 'full') throw sessionLimitReached(outcome.sessions)
          return {
            token: formatToken(login.handle, secret),
            session,
            holder,
            replaced: outcome.replaced,
          }
        }
      }
    },

    async find(proof) {
      const { record } = await load(proof.handle)
      return record === null ? null : look(record, proof)
    },

    async extend(found) {
      const { proof } = found
      if (register.now() - found.session.lastSeenAt < touchInterval) return found
      for (;;) {
        const loaded = await load(proof.handle)
        if (loaded.record === null) return null
        const now = register.now()
        const seen = look(loaded.record, proof)
        if (seen?.state !== 'live' || now - seen.session.lastSeenAt < touchInterval) return seen
        const next = touch(loaded.record, seen.session.id, idleTimeout, now)
        if (next !== null && (await swap(proof.handle, loaded, next))) return look(next, proof)
      }
    },

    async release(proof, reason) {
      let number = 0
      for (;;) {
        const loaded = await load(proof.handle)
        if (loaded.record === null || look(loaded.record, proof)?.state !== 'live') return
        if (number <= loaded.record.epoch) {
          number =
            (await accounts.raise(loaded.record.holder.id, loaded.record.epoch))?.epoch ??
            loaded.record.epoch + 1
          continue // read again: the store may have moved on meanwhile
        }
        const next = end(
          loaded.record,
          (s) => s.secretHash === proof.secretHash,
          reason,
          number,
          register.now(),
        )
        if (await swap(proof.handle, loaded, next)) return
      }
    },
  }

  /** Reads a record, and confirms it against SQL if the engine has restarted or changed since that was last done. */
  async function load(handle: string): Promise<Loaded> {
    for (;;) {
      const incarnation = register.incarnation()
      const text = await register.read(handle)
      if (text === null) return { text, record: null }
      const record = decodeRecord(text)
      if (record === null) {
        options.onUnreadable(handle)
        return { text, record }
      }
      if (record.confirmedUnder === incarnation) return { text, record }
      const confirmed = await confirm(handle, record, incarnation)
      if (confirmed === null) return { text, record: null }
      if (await swap(handle, { text, record }, confirmed))
        return { text: encodeRecord(confirmed), record: confirmed }
    }
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
      const ended = end(record, () => true, 'session_replaced', account.epoch, register.now())
      return { ...ended, holder: holderOf(account), confirmedUnder: incarnation }
    }
    // SQL itself was put back in time: bring its number forward, so that it gives out none twice.
    const raised = await accounts.raise(account.id, record.epoch)
    return { ...record, epoch: raised?.epoch ?? record.epoch, confirmedUnder: incarnation }
  }

  function swap(handle: string, from: Loaded, to: SeatRecord): Promise<boolean> {
    return register.swap(handle, from.text, encodeRecord(to), keepUntil(to, register.now()))
  }

  function look(record: SeatRecord, proof: TokenProof): Found | null {
    const { holder } = record
    const settled = settle(record, policyFor(holder.roles).limit, register.now())
    const session = settled.live.find((s) => s.secretHash === proof.secretHash)
    if (session !== undefined) return { state: 'live', session, holder, proof }
    const prefix = hashPrefix(proof.secretHash)
    const ended = settled.ended.find((s) => s.hashPrefix === prefix)
    return ended === undefined ? null : { state: 'ended', ended, holder }
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

function holderOf({ id, username, roles, createdAt, disabled }: Account): Holder {
  return { id, username, roles, createdAt, disabled }
}

function sessionLimitReached(sessions: readonly LiveSession[]): Refusal {
  return new Refusal('session_limit_reached', { members: { sessions } })
}
