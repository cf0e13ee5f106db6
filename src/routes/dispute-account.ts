import type { FastifyRequest } from 'fastify'
import type { Account } from '../accounts/accounts.ts'
import { Refusal } from '../errors.ts'
import { describeDevice } from '../fastify/device.ts'
import { maskAddress } from '../sessions/address.ts'
import { readDeviceKey } from '../sessions/kick-war.ts'
import type { LiveSession, Replacement } from '../sessions/record.ts'
import { sinceReplaced } from '../sessions/rules.ts'
import type { Ended } from '../sessions/sessions.ts'
import { issuedAtOf } from '../throttle/device-cookie.ts'
import { noteOf } from '../timeline/note.ts'
import type { Parts } from './parts.ts'

/**
 * Handles a dispute for a built-in account. Whoever signed in since knows the password: their sessions end, the password has to
 * be changed, and their device cookies and links become invalid. Their wrong passwords do not slow down the device that disputes.
 */
export function disputeAccount({ accounts, sessions, device, freeDevice, now }: Parts) {
  return async function dispute(request: FastifyRequest, found: Ended): Promise<void> {
    const { ended, key, user } = found
    const by = ended.replacedBy as Replacement // it was replaced
    const account = await accounts.findById(user.id)
    if (account === null) throw new Refusal('already_disputed')
    const live = await sessions.list(key.handle)
    const since = live.filter(sinceReplaced(ended))
    if (account.credentialNumber > ended.number && !isKnownForLonger(request, account, live, by))
      throw new Refusal('already_disputed')
    const { disputed } = account
    if (disputed !== null && disputed.from <= by.at && by.at <= disputed.until) {
      // It is disputed already. But if that dispute was cut off, sessions from before it are still live.
      if (since.every(({ createdAt }) => createdAt > disputed.until))
        throw new Refusal('already_disputed')
    }
    const from = { device: describeDevice(request, undefined), ip: maskAddress(request.ip), user: null }
    const told = { events: ['session_disputed'] as const, sessionId: by.sessionId, device: by.device }
    const note = noteOf(request, { by: from, ...(since.length === 0 ? told : {}) })
    const change = accounts.dispute(account, { from: beginOf(by), until: now() })
    await sessions.dispute(found, note, change)
    const { username } = account
    const known = await device.recognise(request, username, async () => account)
    await freeDevice({ username, address: request.ip, device: known })
  }

  /**
   * The password was changed since, by the owner or by somebody else. The change ended all sessions except the one that made it.
   * So if the disputed session is not live, it did not make the change. If it is live, the device with the older device cookie
   * wins.
   */
  function isKnownForLonger(
    request: FastifyRequest,
    { username }: Account,
    live: readonly LiveSession[],
    { sessionId }: Replacement,
  ): boolean {
    const key = live.find(({ id }) => id === sessionId)?.deviceKey
    const mine = device.issuedAt(request, username)
    return key !== undefined && mine !== null && mine < issuedAtOf(readDeviceKey(key).id)
  }
}

/** When a device first had a cookie. The cookie of a new device is made just before its session. */
function beginOf({ at, deviceKey: key }: Replacement): number {
  const device = key === undefined ? null : readDeviceKey(key)
  return device === null || device.known ? at : Math.min(at, issuedAtOf(device.id))
}
