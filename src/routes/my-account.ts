import { finished } from 'node:stream'
import { Type } from '@sinclair/typebox'
import { Export, MyChange, MyDeletion, MyReply } from '../../schemas/account.ts'
import type { Account } from '../accounts/accounts.ts'
import { requireNewUsername } from '../accounts/name-profile.ts'
import { Refusal } from '../errors.ts'
import { liveOf } from '../fastify/principal.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { LIMITS } from '../throttle/limits.ts'
import { noteOf } from '../timeline/note.ts'
import { exportOf } from './export.ts'
import { confirmOwnerWith } from './own-password.ts'
import type { Parts } from './parts.ts'
import { viewUser } from './views.ts'

/** Users change their own account, export all data about them, or delete it. */
export async function myAccountRoutes(app: App, parts: Parts): Promise<void> {
  const { accounts, sessions, addresses, remove, mailLimits, cookie, device, now } = parts
  const confirmOwner = confirmOwnerWith(parts)
  /**
   * The users whose export is being sent. An export can have megabytes, which stay in memory until a slow client has read them.
   */
  const exporting = new Set<string>()

  app.patch(
    '/me',
    {
      onSend: device.send,
      schema: {
        operationId: 'changeMe',
        summary: 'Change my name or my mail address; the address has to be confirmed.',
        body: MyChange,
        response: {
          200: MyReply,
          ...refusals('invalid_credentials', 'username_taken', 'too_many_attempts', 'overloaded'),
        },
      },
    },
    async function changeMe(request) {
      const { user, session } = liveOf(request)
      const { username, email, currentPassword } = request.body
      const wanted = username === undefined ? undefined : requireNewUsername(username)
      const { account } = await confirmOwner(request, currentPassword)
      const sends = email != null && email !== account.email
      if (sends && !(await mailLimits.mayMail(email.toLowerCase())))
        throw new Refusal('too_many_attempts', {
          headers: { 'retry-after': String(LIMITS.mailHour.window) },
        })
      const renames = wanted !== undefined && wanted !== account.username
      const removes = email === null && account.email !== null
      if (!renames && !removes && !sends) return { user: viewUser(account) }
      const wish = { ...(renames ? { username: wanted } : {}), ...(removes ? { email } : {}) }
      const changed: Account = { ...account, ...wish }
      const link = sends ? addresses.confirmationOf(changed, email) : null
      const told = sends || removes ? addresses.tellOld(account) : []
      const change = accounts.change(account, wish, {
        makes: link?.makes,
        messages: [...(link?.messages ?? []), ...told],
        ifCredential: account.credentialNumber,
      })
      const events = sends ? (['email_requested'] as const) : []
      const note = noteOf(request, { events, sessionId: session.id, device: session.device })
      const done = await sessions.update(account.handle, change, note)
      if (done === null) throw await whyTooLate(user.id)
      // The device cookie is bound to the name, so it needs a new one.
      if (renames) device.remember(request, changed, done.number)
      return { user: viewUser(changed) }
    },
  )

  /** Why a change failed although the password was right: another request was faster. */
  async function whyTooLate(userId: string): Promise<Refusal> {
    const isGone = (await accounts.findById(userId)) === null
    return new Refusal(isGone ? 'user_deleted' : 'invalid_credentials')
  }

  app.delete(
    '/me',
    {
      schema: {
        operationId: 'deleteMe',
        summary: 'Delete my account and all data about me.',
        body: MyDeletion,
        response: {
          204: Type.Null({ description: 'Deleted, and signed out everywhere.' }),
          ...refusals('invalid_credentials', 'last_admin', 'too_many_attempts', 'overloaded'),
        },
      },
    },
    async function deleteMe(request, reply) {
      const { account } = await confirmOwner(request, request.body.currentPassword)
      const by = { reqId: request.id, by: null }
      if (!(await remove(account, by, account.credentialNumber))) throw await whyTooLate(account.id)
      cookie.clear(request, reply)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/me/export',
    {
      schema: {
        operationId: 'exportMe',
        summary: 'All data about me, as one document. One export at a time.',
        response: { 200: Export, ...refusals('overloaded') },
      },
    },
    async function exportMe(request, reply) {
      const { user, session } = liveOf(request)
      if (exporting.has(user.id)) throw new Refusal('overloaded')
      exporting.add(user.id)
      // This also works if the response has closed already: a client may disconnect while its session is looked up.
      finished(reply.raw, () => exporting.delete(user.id))
      const account = await accounts.findById(user.id)
      if (account === null) throw new Refusal('user_deleted')
      return exportOf(parts, account, now(), session.id)
    },
  )
}
