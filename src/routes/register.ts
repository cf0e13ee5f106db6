import { Registered, Registration } from '../../schemas/user.ts'
import type { SignUp } from '../accounts/sign-up.ts'
import { Refusal } from '../errors.ts'
import { refusals } from '../http/refusals.ts'
import type { App } from '../http/types.ts'
import { siteOf } from '../throttle/network.ts'
import type { RegistrationLimit } from '../throttle/registrations.ts'
import type { Audit } from '../timeline/audit.ts'
import { viewUser } from './views.ts'

type RegisterOptions = {
  signUp: SignUp
  registrationLimit: RegistrationLimit
  signupOpen: boolean
  audit: Audit
}

/** Anybody may make an account, if the operator lets them. It does not sign in. */
export async function registerRoutes(
  app: App,
  { signUp, registrationLimit, signupOpen, audit }: RegisterOptions,
): Promise<void> {
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
            'password_too_short',
            'password_too_common',
            'too_many_attempts',
            'overloaded',
            'store_unavailable',
          ),
        },
      },
    },
    async (request, reply) => {
      if (!signupOpen) throw new Refusal('signup_closed')
      const wish = { ...request.body, roles: [] }
      const client = { account: wish.username, network: siteOf(request.ip), known: false }
      const event = audit.toKeep(request, { type: 'registered' })
      const account = await registrationLimit(request.ip, () => signUp(wish, event, client))
      audit.log(request, { type: 'registered', userId: account.id })
      return reply.code(201).send({ user: viewUser(account) })
    },
  )
}
