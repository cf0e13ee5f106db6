import type { Session } from '../../schemas/session.ts'
import type { User } from '../../schemas/user.ts'
import type { Holder, LiveSession } from '../sessions/record.ts'

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

/** What the wire shows of a session; `currentId` is the one that asks, if any. */
export function viewSession(session: LiveSession, currentId: string | null): Session {
  return {
    id: session.id,
    epoch: session.epoch,
    device: session.device,
    ip: session.ip,
    createdAt: isoTime(session.createdAt),
    lastSeenAt: isoTime(session.lastSeenAt),
    idleExpiresAt: isoTime(session.idleExpiresAt),
    expiresAt: isoTime(session.expiresAt),
    current: session.id === currentId,
  }
}
