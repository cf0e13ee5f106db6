import { type Core, closeNumbers, closeUnused } from './core.ts'
import { effectOf } from './effects.ts'
import { ATTEMPTS, historyOf, type LoadedRecord, openChange } from './fence.ts'
import { kickWarUntil } from './kick-war.ts'
import type { NumberedUser, OpenChange } from './numbers.ts'
import type { LiveSession, SessionRecord } from './record.ts'
import { SessionsRefusal, storeUnavailable } from './refusal.ts'
import { emptyRecord, signIn } from './rules.ts'
import type { Claimed, Full, Login, Sessions } from './sessions.ts'
import { formatToken, hashSecret, newHandle, newSecret, newSessionId, readToken } from './token.ts'
import { isComplete } from './verdict.ts'

/**
 * A login. The record is read first: if the store restarted, this confirms it while SQL and record still agree. Raising the
 * number first would make a healthy record look as if it had missed a login.
 */
export function claimWith(core: Core): Sessions['claim'] {
  const { store, numbers, changes, fence, policyFor, random, absoluteTimeout, keys } = core

  return async function claim(login: Login): Promise<Claimed | Full> {
    let identity = identityOf(login)
    const handle = login.handle ?? (await handleOf(login.userId))
    const taken: OpenChange[] = []
    let loaded = await fence.load(handle)
    let user: NumberedUser | null = null
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { id, secret, secretHash } = identity
      const { record, stored, stamp } = loaded
      const war = warOf(record, login)
      if (war !== null) {
        if (user !== null) await closeUnused(core, user, taken, loaded)
        throw war
      }
      const purpose = { kind: 'login', sessionId: id, note: login.note ?? null } as const
      if (user === null) {
        const expiresAt = store.now() + absoluteTimeout
        const raised = await numbers.raise(handle, {
          above: record?.number ?? 0,
          under: historyOf(store, stored, stamp),
          purpose,
          login: { expiresAt, roles: login.roles, data: login.data, dataParts: login.dataParts },
        })
        if (raised === 'outdated') {
          loaded = await fence.reload(handle)
          continue
        }
        if (raised === null) throw new SessionsRefusal('invalid_credentials')
        user = raised
        taken.push(openChange(user, purpose))
      }
      const refusal = refuse(user, login)
      if (refusal !== null) {
        await closeUnused(core, user, taken, loaded)
        throw refusal
      }
      if (record !== null && !(await isComplete(changes, record, user))) {
        loaded = await fence.compare(handle, loaded, taken)
        if (loaded.record !== record) continue
      }
      const now = store.now()
      const before = record ?? { ...emptyRecord(user), stamp }
      const session = newSession(login, id, secretHash, user.number, now)
      const ownSecretHash = record === null ? null : ownHash(record, handle, login.presented)
      const policy = policyFor(user.roles)
      const outcome = signIn(
        before,
        user,
        { session, policy, ownSecretHash, replace: login.replace },
        now,
      )
      if (outcome.kind === 'outdated') {
        user = null
        continue
      }
      if (outcome.kind === 'ended' && login.identity === undefined) {
        user = null
        identity = identityOf(login)
        continue
      }
      if (outcome.kind === 'superseded') {
        await closeUnused(core, user, taken, loaded)
        throw new SessionsRefusal('login_superseded')
      }
      const token = formatToken(handle, secret)
      if (outcome.kind === 'ended') {
        // The answer is the same as before. The session stays ended, and its next request is told why.
        await closeUnused(core, user, taken, loaded)
        return { kind: 'claimed', token, session, user: before.user, replaced: [] }
      }
      if (!(await fence.swap(handle, loaded, outcome.record))) {
        loaded = await fence.load(handle)
        continue
      }
      if (outcome.kind === 'full') {
        // The roles of this login may have a lower limit, which has ended sessions.
        await closeNumbers(core, taken, effectOf(before, outcome.record, session.epoch, now))
        return { kind: 'full', sessions: outcome.sessions }
      }
      if (record === null) {
        // Compare with SQL: there may be no record because the store lost a later login or missed a change of the user.
        loaded = await fence.compare(handle, await fence.load(handle))
        if (!isDone(loaded, id)) {
          user = null
          identity = identityOf(login)
          continue
        }
      }
      const effect = effectOf(before, outcome.record, session.epoch, now)
      // The browser's own older session becomes the new one, so it is not reported as ended.
      const own = before.live.find((s) => s.secretHash === ownSecretHash)
      const did = { ...effect, ended: effect.ended.filter((s) => s.id !== own?.id) }
      // SQL learns that the login is done before it is answered. So if the store loses it later, SQL knows that it is missing.
      await closeNumbers(core, taken, did)
      const { user: sessionUser } = outcome.record
      return { kind: 'claimed', token, session, user: sessionUser, replaced: outcome.replaced }
    }
    throw storeUnavailable(new Error('this record changes all the time'))
  }

  function identityOf({ identity }: Login): { id: string; secret: string; secretHash: string } {
    const { id, secret } = identity ?? { secret: newSecret(random), id: newSessionId(random) }
    return { id, secret, secretHash: hashSecret(keys[0] as string, secret) }
  }

  async function handleOf(userId: string): Promise<string> {
    const user = await numbers.find({ id: userId, create: newHandle(random) })
    if (user === null) throw new SessionsRefusal('invalid_credentials')
    return user.handle
  }

  function refuse(user: NumberedUser, login: Login): SessionsRefusal | null {
    if (user.disabled || user.deleted) return new SessionsRefusal('user_disabled')
    const { credentialNumber = user.credentialNumber } = login
    return credentialNumber === user.credentialNumber ? null : new SessionsRefusal('invalid_credentials')
  }

  function warOf(record: SessionRecord | null, login: Login): SessionsRefusal | null {
    if (record === null || login.deviceKey === undefined) return null
    const now = store.now()
    const until = kickWarUntil(record, login, core.kickWarLimit, now)
    return until === null ? null : new SessionsRefusal('kick_war', { wait: until - now })
  }

  /** The hash of the session that this browser already has, if it belongs to this user. */
  function ownHash(record: SessionRecord, handle: string, presented: string | null): string | null {
    const parts = presented === null ? null : readToken(presented)
    if (parts?.handle !== handle) return null
    const hashes = keys.map((key) => hashSecret(key, parts.secret))
    return record.live.find((s) => hashes.includes(s.secretHash))?.secretHash ?? null
  }

  function newSession(
    { device, ip, deviceKey }: Login,
    id: string,
    secretHash: string,
    epoch: number,
    now: number,
  ): LiveSession {
    const expiresAt = now + absoluteTimeout
    const idleExpiresAt = Math.min(now + core.idleTimeout, expiresAt)
    return {
      id,
      secretHash,
      epoch,
      device,
      ip,
      ...(deviceKey === undefined ? {} : { deviceKey }),
      createdAt: now,
      lastSeenAt: now,
      idleExpiresAt,
      expiresAt,
    }
  }
}

/** Whether this login was done. That is also so if a later login has replaced its session by now. */
function isDone({ record }: LoadedRecord, sessionId: string): boolean {
  if (record?.live.some((s) => s.id === sessionId)) return true
  return record?.ended.find((s) => s.id === sessionId)?.reason === 'session_replaced'
}
