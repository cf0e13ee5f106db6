import { Type } from '@sinclair/typebox'
import { NewTokens, PasswordChange } from '../../schemas/session.ts'
import { checkNewPassword } from '../accounts/password-policy.ts'
import { Refusal } from '../errors.ts'
import { readBearer } from '../fastify/bearer.ts'
import { liveOf } from '../fastify/principal.ts'
import { issueCookie } from '../fastify/session-plugin.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { noteOf } from '../timeline/note.ts'
import { confirmOwnerWith } from './own-password.ts'
import type { Parts } from './parts.ts'

/**
 * Changes the user's own password. Every other session ends; this one continues with a new secret. Where guessing is slowed down,
 * no other device counts as known any more; this one gets a new device cookie.
 */
export async function myPasswordRoutes(app: App, parts: Parts): Promise<void> {
  const { accounts, sessions, passwords, cookie, device } = parts
  const confirmOwner = confirmOwnerWith(parts)
  app.put(
    '/me/password',
    {
      onSend: device.send,
      schema: {
        operationId: 'changeMyPassword',
        summary: 'Change my password and sign all other devices out.',
        body: PasswordChange,
        response: {
          200: NewTokens,
          204: Type.Null({ description: 'Changed; the session has a new cookie.' }),
          ...refusals(
            'invalid_credentials',
            'password_too_short',
            'password_too_common',
            'too_many_attempts',
            'overloaded',
          ),
        },
      },
    },
    async function changeMyPassword(request, reply) {
      const { key, session } = liveOf(request)
      const { currentPassword, newPassword } = request.body
      const isNative = readBearer(request) !== null
      if (isNative) device.present(request, null)
      const { account, client } = await confirmOwner(request, currentPassword)
      const { username } = account
      if (account.mustChangePassword && newPassword === currentPassword) throw samePassword()
      await checkNewPassword(newPassword, username)
      const passwordHash = await passwords.hash(newPassword, client)
      const ifCredential = account.credentialNumber
      const change = accounts.change(account, { passwordHash }, { ifCredential })
      const changedHere = { sessionId: session.id, device: session.device }
      const note = noteOf(request, { events: ['password_changed'], ...changedHere })
      let deviceToken = ''
      const renewed = await sessions.renew(
        key,
        async (raise) => {
          const changed = await change(raise)
          if (changed === null) throw new Refusal('invalid_credentials') // another request changed it meanwhile
          if (changed !== 'outdated') {
            const { id, credentialNumber, number } = changed
            deviceToken = device.remember(request, { id, username, credentialNumber }, number)
          }
          return changed
        },
        note,
      )
      if (renewed !== null && isNative)
        return reply.code(200).send({ token: renewed.token, deviceToken })
      if (renewed !== null) await issueCookie(request, renewed, cookie)
      return reply.code(204).send(null)
    },
  )
}

/** The new password has to differ, because others may know the old one. */
function samePassword(): Refusal {
  return new Refusal('password_too_common', {
    detail: 'This is your present password, and others may know it. Choose another.',
  })
}
