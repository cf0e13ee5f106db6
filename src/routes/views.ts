import type { AdminUser, OnlineSession } from '../../schemas/admin.ts'
import type { SignedIn } from '../../schemas/session.ts'
import type { Event } from '../../schemas/timeline.ts'
import type { User } from '../../schemas/user.ts'
import type { Account, OnlineCandidate } from '../accounts/accounts.ts'
import { isoTime, viewSession } from '../fastify/session-view.ts'
import type { LiveSession, SessionUser } from '../sessions/record.ts'
import type { Live } from '../sessions/sessions.ts'
import { sentenceOf } from '../timeline/sentence.ts'
import type { KeptEvent } from '../timeline/timeline.ts'

/** What the service keeps of a user with each session, as the core's `data`. */
export type ServiceData = { username: string; createdAt: number }

/** What the service keeps of this user. */
export function dataOf({ data }: Pick<SessionUser, 'data'>): ServiceData {
  return data as ServiceData // accounts are made with it
}

/** What the wire shows of a user. */
export function viewUser(user: {
  id: string
  username: string
  roles: readonly string[]
  createdAt: number
}): User {
  const { id, username, roles, createdAt } = user
  return { id, username, roles: [...roles], createdAt: isoTime(createdAt) }
}

/** The same of the user of a session. */
export function viewSessionUser({ id, roles, data }: Pick<SessionUser, 'id' | 'roles' | 'data'>): User {
  return viewUser({ id, roles, ...dataOf({ data }) })
}

/** Who asks, and with which session. */
export function viewSignedIn({ user, session }: Pick<Live, 'user' | 'session'>): SignedIn {
  return { user: viewSessionUser(user), session: viewSession(session, session.id) }
}

/** What an administrator sees of a user. Never a hash. */
export function viewAdminUser(account: Account): AdminUser {
  return {
    ...viewUser(account),
    disabled: account.disabled,
    lastLoginAt: account.lastLoginAt === null ? null : isoTime(account.lastLoginAt),
  }
}

/** What an administrator sees of a session: whose it is, and the whole address. */
export function viewOnline(
  session: LiveSession,
  { id, username }: OnlineCandidate,
  currentId: string,
): OnlineSession {
  return { ...viewSession(session, currentId), ip: session.ip, user: { id, username } }
}

/** What the wire shows of an event. */
export function viewEvent(event: KeptEvent): Event {
  const { id, type, at, sessionId, device, ip, by, newDevice } = event
  const isNew = newDevice === undefined ? {} : { newDevice }
  return { id, type, at: isoTime(at), sessionId, device, ip, by, ...isNew, story: sentenceOf(event) }
}
