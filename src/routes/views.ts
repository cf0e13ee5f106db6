import type { AdminUser, OnlineSession } from '../../schemas/admin.ts'
import type { Session, SignedIn } from '../../schemas/session.ts'
import type { Event } from '../../schemas/timeline.ts'
import type { User } from '../../schemas/user.ts'
import type { Account } from '../accounts/accounts.ts'
import { maskAddress } from '../sessions/address.ts'
import type { Holder, LiveSession } from '../sessions/record.ts'
import type { Live } from '../sessions/sessions.ts'
import type { KeptEvent } from '../timeline/timeline.ts'

/** Milliseconds since 1970 as ISO 8601 in UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** What the wire shows of a user. */
export function viewUser(user: Pick<Holder, 'id' | 'username' | 'roles' | 'createdAt'>): User {
  return {
    id: user.id,
    username: user.username,
    roles: [...user.roles],
    createdAt: isoTime(user.createdAt),
  }
}

/** What the wire shows of a session; `currentId` is the one that asks, and the only one whose address is told whole. */
export function viewSession(session: LiveSession, currentId: string | null): Session {
  return {
    id: session.id,
    epoch: session.epoch,
    device: session.device,
    ip: session.id === currentId ? session.ip : maskAddress(session.ip),
    createdAt: isoTime(session.createdAt),
    lastSeenAt: isoTime(session.lastSeenAt),
    idleExpiresAt: isoTime(session.idleExpiresAt),
    expiresAt: isoTime(session.expiresAt),
    current: session.id === currentId,
  }
}

/** Who asks, and with which session. */
export function viewSignedIn({ holder, session }: Live): SignedIn {
  return { user: viewUser(holder), session: viewSession(session, session.id) }
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
export function viewOnline(session: LiveSession, user: Account, currentId: string): OnlineSession {
  return {
    ...viewSession(session, currentId),
    ip: session.ip,
    user: { id: user.id, username: user.username },
  }
}

/** What the wire shows of an event. */
export function viewEvent({ id, type, at, sessionId, device, ip, by }: KeptEvent): Event {
  return { id, type, at: isoTime(at), sessionId, device, ip, by }
}
