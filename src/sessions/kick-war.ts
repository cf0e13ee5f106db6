import { maskAddress } from './address.ts'
import type { Device, SessionRecord } from './record.ts'

/** What tells a device from the others of its user. `ip` may be masked. */
export type Seat = { deviceKey?: string | undefined; device: Device; ip: string }

/**
 * Until when a login from this device is refused, because it and another device have signed each other out `limit` times within
 * a minute: a minute from the last of these. Null if it may sign in. Two programs that sign in again whenever they are signed
 * out would go on for ever; a device that is not one of the two gets in.
 */
export function kickWarUntil(
  { ended }: SessionRecord,
  login: Seat,
  limit: number,
  now: number,
): number | null {
  // Those of a time to come were before the clock was set back.
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

/** One device signed another out. Which it was is null if that was signed in before all that is remembered. */
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
 * The same key is the same device. Programs that keep no cookies have a new key each time: those are the same if they give
 * the same name, from the same network.
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

/** The key of a device that has been here before, or that has just been given it. */
export function deviceKey(id: string, isKnown: boolean): string {
  return `${isKnown ? KNOWN : NEW}${id}`
}

/** What a key was made of. */
export function readDeviceKey(key: string): { id: string; known: boolean } {
  return { id: key.slice(1), known: key.startsWith(KNOWN) }
}

const KNOWN = 'k'
const NEW = 'n'
const MINUTE = 60_000
