import { maskAddress } from '../sessions/address.ts'
import type { Device, LiveSession } from '../sessions/record.ts'
import { isoTime } from './iso-time.ts'

/** A session as users see it. Times are ISO 8601 in UTC. */
export type SessionView = {
  id: string
  epoch: number
  device: Device
  ip: string
  createdAt: string
  lastSeenAt: string
  idleExpiresAt: string
  expiresAt: string
  current: boolean
}

/** Shows a session to its user. `currentId` is the session of the request: only its address is shown in full. */
export function viewSession(session: LiveSession, currentId: string | null): SessionView {
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
