import type { Static } from '@sinclair/typebox'
import type { FastifyRequest } from 'fastify'
import { Registered, Registration } from '../../schemas/user.ts'
import type { Account } from '../accounts/accounts.ts'
import { hashToken } from '../accounts/tokens.ts'
import { Refusal } from '../errors.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { siteOf } from '../throttle/network.ts'
import type { Parts } from './parts.ts'
import { viewUser } from './views.ts'

/** Makes an account, if sign-up is open or the request has an invitation. It does not sign in. */
export async function registerRoutes(app: App, parts: Parts): Promise<void> {
  const { signUp, invitations, addresses, registrationLimit, tokenLimit, mailLimits } = parts
  const { signupOpen, audit } = parts

  app.post(
    '/register',
    {
      schema: {
        operationId: 'register',
        summary: 'Make an account.',
        body: Registration,
        response: {
          201: Registered,
          ...refusals(
            'signup_closed',
            'username_taken',
            'token_used',
            'password_too_short',
            'password_too_common',
            'too_many_attempts',
            'overloaded',
            'store_unavailable',
          ),
        },
      },
    },
    async function answerRegister(request, reply) {
      const { invitation } = request.body
      if (!signupOpen && invitation === undefined) throw new Refusal('signup_closed')
      const make = () => registrationLimit(request.ip, () => register(request, request.body))
      const account = await (invitation === undefined ? make() : tokenLimit(request.ip, make))
      audit.log(request, { type: 'registered', userId: account.id })
      return reply.code(201).send({ user: viewUser(account) })
    },
  )

  async function register(
    request: FastifyRequest,
    { username, password, email, invitation }: Static<typeof Registration>,
  ): Promise<Account> {
    const roles = invitation === undefined ? [] : await invitations.accept(invitation, username)
    const client = { account: username, network: siteOf(request.ip), known: false }
    const event = audit.toKeep(request, { type: 'registered' })
    const sends = email !== undefined && (await mailLimits.mayMail(email.toLowerCase()))
    return signUp({ username, password, roles }, event, client, (account) => ({
      ...(invitation === undefined
        ? {}
        : { uses: { purpose: 'invitation', hash: hashToken(invitation) } }),
      ...(sends ? addresses.confirmationOf(account, email) : {}),
    }))
  }
}
