import type { Account, Accounts } from '../accounts/accounts.ts'
import type { Addresses } from '../accounts/addresses.ts'
import type { ExternalUser, ExternalUsers } from '../accounts/external-users.ts'
import type { Invitations } from '../accounts/invitations.ts'
import type { Online } from '../accounts/online.ts'
import type { Passwords } from '../accounts/passwords.ts'
import type { Removal } from '../accounts/removal.ts'
import type { Resets } from '../accounts/resets.ts'
import type { VerifyCredentials } from '../accounts/sign-in.ts'
import type { SignUp } from '../accounts/sign-up.ts'
import type { ReadToken } from '../fastify/bearer.ts'
import type { SessionCookie } from '../fastify/cookie.ts'
import type { Answers } from '../keys/answers.ts'
import type { ReadKey } from '../keys/require-key.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Notices } from '../notices/notices.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { DeviceCookie } from '../throttle/device-cookie.ts'
import type { MailLimits } from '../throttle/mail-limits.ts'
import type { RegistrationLimit } from '../throttle/registrations.ts'
import type { FreeDevice, Throttle } from '../throttle/throttle.ts'
import type { TokenLimit } from '../throttle/token-limit.ts'
import type { Audit } from '../timeline/audit.ts'
import type { Timeline } from '../timeline/timeline.ts'

/** What the routes of the service need. They know these interfaces and no engine; each route names the parts that it uses. */
export type Parts = {
  accounts: Accounts
  externalUsers: ExternalUsers
  /** `ACCOUNTS=external`: only a backend of the operator signs people in, and there are no passwords here. */
  isExternal: boolean
  readKey: ReadKey
  answers: Answers
  sessions: Sessions
  online: Online
  notices: Notices
  metrics: Metrics
  timeline: Timeline
  audit: Audit
  passwords: Passwords
  signUp: SignUp
  verify: VerifyCredentials
  cookie: SessionCookie
  /** Reads the token of a request, from the cookie or from `Authorization`. */
  readToken: ReadToken
  /** The `WWW-Authenticate` header of a 401. */
  challenge: string
  device: DeviceCookie
  throttle: Throttle
  freeDevice: FreeDevice
  registrationLimit: RegistrationLimit
  resets: Resets
  addresses: Addresses
  invitations: Invitations
  remove: Removal<Account>
  removeExternal: Removal<ExternalUser>
  mailLimits: MailLimits
  tokenLimit: TokenLimit
  signupOpen: boolean
  changePasswordUrl: string
  allowedOrigins: readonly string[]
  /** Where clients reach the API; null if `PUBLIC_URL` is not set. */
  publicUrl: string | null
  /** How long a session lives at most, milliseconds. */
  absoluteTimeout: number
  /** The clock by which sessions end: milliseconds since 1970. */
  now: () => number
  /** Resolves if every store answers. */
  ready: () => Promise<void>
}
