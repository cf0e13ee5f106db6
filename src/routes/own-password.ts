import type { FastifyRequest } from 'fastify'
import type { AccountWithPassword } from '../accounts/accounts.ts'
import type { Client } from '../accounts/hash-queue.ts'
import { Refusal } from '../errors.ts'
import { liveOf } from '../fastify/principal.ts'
import { siteOf } from '../throttle/network.ts'
import type { Parts } from './parts.ts'

/** Verifies the password of the signed-in user. Throws `invalid_credentials` or `too_many_attempts`. */
type ConfirmOwner = (
  request: FastifyRequest,
  currentPassword: string,
) => Promise<{ account: AccountWithPassword; client: Client }>

export function confirmOwnerWith({ accounts, passwords, verify, throttle, audit }: Parts): ConfirmOwner {
  return async (request, currentPassword) => {
    const { user, session } = liveOf(request)
    // The username may have changed since the session was read.
    const account = await accounts.findById(user.id)
    if (account === null) throw new Refusal('user_deleted')
    const { username } = account
    // A signed-in user counts as a known device, so that strangers who guess at the name cannot block this.
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
