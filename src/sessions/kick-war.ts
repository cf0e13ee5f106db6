import { maskAddress } from './address.ts'
import type { Device, SessionRecord } from './record.ts'

/** What distinguishes a device from the user's other devices. `ip` may be masked. */
export type Seat = { deviceKey?: string | undefined; device: Device; ip: string }

/**
 * Until when a login from this device is refused, because it and another device have signed each other out `limit` times within a
 * minute: one minute after the last time. Null if it may sign in. Without this, two programs that sign in again whenever they are
 * signed out would go on for ever. Any other device may sign in.
 */
export function kickWarUntil(
  { ended }: SessionRecord,
  login: Seat,
  limit: number,
  now: number,
): number | null {
  // If the clock was set back, earlier kicks have a time in the future.
  const kicks = kicksIn(ended).filter(({ at }) => Math.abs(now - at) < 2 * MINUTE)
  for (const last of kicks) {
    const other = isSame(last.by, login) ? last.of : last.by
    if (last.at <= now - MINUTE || other === null || isSame(other, login)) continue
    const between = kicks.filter(
      (kick) => kick.at > last.at - MINUTE && kick.at <= last.at && isBetween(kick, login, other),
    )
    if (between.length >= limit && between.some(({ of }) => of !== null))
      return Math.min(last.at, now) + MINUTE
  }
  return null
}

/** One device signed another out. `of` is null if the record has forgotten how that device signed in. */
type Kick = { by: Seat; of: Seat | null; at: number }

/** Newest first. */
function kicksIn(ended: SessionRecord['ended']): Kick[] {
  const replacements = ended.flatMap(({ reason, replacedBy }) =>
    reason === 'session_replaced' && replacedBy !== null ? [replacedBy] : [],
  )
  const bySession = new Map(replacements.map((by) => [by.sessionId, by]))
  return ended.flatMap(({ id, reason, replacedBy: by }) =>
    reason === 'session_replaced' && by !== null
      ? [{ by, of: bySession.get(id) ?? null, at: by.at }]
      : [],
  )
}

function isBetween({ by, of }: Kick, one: Seat, other: Seat): boolean {
  if (isSame(by, one)) return of === null || isSame(of, other)
  return isSame(by, other) && (of === null || isSame(of, one))
}

/**
 * Devices with the same key are the same. A program that keeps no cookies has a new key each time; two of these are the same if
 * they give the same name from the same network.
 */
function isSame(one: Seat, other: Seat): boolean {
  const keys = [one.deviceKey, other.deviceKey]
  const [ours, theirs] = keys.map((key) => key?.slice(1))
  if (ours !== undefined && ours === theirs) return true
  if (keys.some((key) => key?.startsWith(KNOWN)) || one.device.name === null) return false
  const { name, os, browser } = other.device
  const isAlike = one.device.name === name && one.device.os === os && one.device.browser === browser
  return isAlike && networkOf(one) === networkOf(other)
}

function networkOf({ ip }: Seat): string {
  return ip.includes('/') ? ip : maskAddress(ip)
}

/** Makes the key of a device. `isKnown`: its cookie was there before this login. */
export function deviceKey(id: string, isKnown: boolean): string {
  return `${isKnown ? KNOWN : NEW}${id}`
}

/** Reads the parts of a key. */
export function readDeviceKey(key: string): { id: string; known: boolean } {
  return { id: key.slice(1), known: key.startsWith(KNOWN) }
}

const KNOWN = 'k'
const NEW = 'n'
const MINUTE = 60_000
