import type { FastifyRequest } from 'fastify'
import type { AccountWithPassword } from '../accounts/accounts.ts'
import type { Client } from '../accounts/hash-queue.ts'
import { Refusal } from '../errors.ts'
import { liveOf } from '../fastify/principal.ts'
import { siteOf } from '../throttle/network.ts'
import type { Parts } from './parts.ts'

/** Verifies that who is signed in knows their password; else throws `invalid_credentials`, or `too_many_attempts`. */
type ConfirmOwner = (
  request: FastifyRequest,
  currentPassword: string,
) => Promise<{ account: AccountWithPassword; client: Client }>

export function confirmOwnerWith({ accounts, passwords, verify, throttle, audit }: Parts): ConfirmOwner {
  return async (request, currentPassword) => {
    const { user, session } = liveOf(request)
    // Their name may be another one by now than when the session was looked up.
    const account = await accounts.findById(user.id)
    if (account === null) throw new Refusal('user_deleted')
    const { username } = account
    // Who is signed in is known: strangers who guess at this name are not to keep them from changing their account.
    const attempt = { username, address: request.ip, device: `session ${session.id}` }
    const client = { account: username, network: siteOf(request.ip), known: true }
    passwords.requireRoom(client) // before the attempt is counted
    const given = { username, password: currentPassword }
    const verdict = await throttle(attempt, () => verify(given, client))
    if (verdict.verified && verdict.account.id === user.id) return { account: verdict.account, client }
    if (!verdict.verified && verdict.userId === user.id)
      audit.record(request, { type: 'login_failed', userId: user.id, session })
    throw new Refusal('invalid_credentials')
  }
}
