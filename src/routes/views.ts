import type { Issued } from '../../schemas/account.ts'
import type { AdminUser, OnlineSession } from '../../schemas/admin.ts'
import type { SignedIn } from '../../schemas/session.ts'
import type { TimelineEvent } from '../../schemas/timeline.ts'
import type { User } from '../../schemas/user.ts'
import type { AccountData } from '../accounts/account-data.ts'
import type { Account, OnlineCandidate } from '../accounts/accounts.ts'
import type { Issued as IssuedToken } from '../accounts/resets.ts'
import { isoTime } from '../fastify/iso-time.ts'
import { viewSession } from '../fastify/session-view.ts'
import type { LiveSession, SessionUser, UserData } from '../sessions/record.ts'
import type { Live } from '../sessions/sessions.ts'
import { sentenceOf } from '../timeline/sentence.ts'
import type { KeptEvent } from '../timeline/timeline.ts'

/** What the service stores of a user with each session, as the core's `data`: for an account, or for an external user. */
type ServiceData =
  | AccountData
  | {
      username?: undefined
      name?: string | null
      data?: UserData | null
      mustChangePassword?: undefined
    }

/** What the service stored of this user. */
export function dataOf({ data }: Pick<SessionUser, 'data'>): ServiceData {
  return (data ?? {}) as ServiceData // every login of the service sets it
}

/** The name of a user: the username of an account, or the name that a backend gave an external user, or else the id. */
export function nameOf(user: Pick<SessionUser, 'id' | 'data'>): string {
  const data = dataOf(user)
  return data.username ?? data.name ?? user.id
}

/** A user as the API shows it. */
export function viewUser(user: {
  id: string
  username: string
  roles: readonly string[]
  createdAt: number
  email?: string | null
  mustChangePassword?: boolean
}): User {
  const { id, username, roles, createdAt, email = null, mustChangePassword = false } = user
  return {
    ...{ id, username, roles: [...roles], createdAt: isoTime(createdAt) },
    ...(email === null ? {} : { email }),
    ...(mustChangePassword ? { mustChangePassword } : {}),
  }
}

/** The user of a session as the API shows it. */
export function viewSessionUser(user: Pick<SessionUser, 'id' | 'roles' | 'data'>): SignedIn['user'] {
  const { id, roles } = user
  const kept = dataOf(user)
  const { data = null } = kept
  if (kept.username === undefined) return { id, name: kept.name ?? null, roles: [...roles], data }
  return { ...viewUser({ id, roles, ...kept }), ...(data === null ? {} : { data }) }
}

/** The user and session of a request as the API shows them. */
export function viewSignedIn({ user, session }: Pick<Live, 'user' | 'session'>): SignedIn {
  return { user: viewSessionUser(user), session: viewSession(session, session.id) }
}

/** A user as administrators see it, without the hash. */
export function viewAdminUser(account: Account): AdminUser {
  return {
    ...viewUser(account),
    disabled: account.disabled,
    lastLoginAt: account.lastLoginAt === null ? null : isoTime(account.lastLoginAt),
  }
}

/** A session as administrators see it, with its user and the full address. */
export function viewOnline(
  session: LiveSession,
  { id, username }: OnlineCandidate,
  currentId: string | null,
): OnlineSession {
  return { ...viewSession(session, currentId), ip: session.ip, user: { id, username } }
}

/** A one-time token for an administrator to pass on. */
export function viewIssued({ token, url, expiresAt }: IssuedToken): Issued {
  return { token, ...(url === null ? {} : { url }), expiresAt: isoTime(expiresAt) }
}

/** An event as the API shows it. */
export function viewEvent(event: KeptEvent): TimelineEvent {
  const { id, type, at, sessionId, device, ip, by, newDevice } = event
  const isNew = newDevice === undefined ? {} : { newDevice }
  return { id, type, at: isoTime(at), sessionId, device, ip, by, ...isNew, story: sentenceOf(event) }
}
