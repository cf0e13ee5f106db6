import type { Device } from '../sessions/record.ts'
import type { EventType, TimelineEvent } from './timeline.ts'

/** An event as a sentence: what happened, on which device, from where, and who did it. */
export function sentenceOf({ type, device, ip, by, newDevice }: TimelineEvent): string {
  const what = newDevice === true ? `${SENTENCES[type]} with a new device` : SENTENCES[type]
  const where = [device && nameDevice(device), ip === null ? null : `at ${ip}`].filter(Boolean).join(' ')
  return `${what}${where === '' ? '' : `: ${where}`}${by === null ? '' : `, by ${nameActor(by)}`}`
}

function nameActor({ user, device, ip }: NonNullable<TimelineEvent['by']>): string {
  if (user !== null) return user
  return `${device === null ? 'a device' : nameDevice(device)}${ip === null ? '' : ` at ${ip}`}`
}

function nameDevice({ name, os, browser }: Device): string {
  const software = [browser, os].filter((part) => part !== null).join(' on ')
  if (name === null) return software === '' ? 'a device' : software
  return software === '' ? `“${name}”` : `“${name}” (${software})`
}

const SENTENCES: Record<EventType, string> = {
  registered: 'The account was made',
  login: 'Signed in',
  login_failed: 'A wrong password was tried',
  session_replaced: 'Was signed out by a newer login',
  logged_out: 'Signed out',
  session_idle: 'Was signed out because the session was unused for too long',
  session_expired: 'Was signed out at the maximum age of a session',
  session_revoked: 'Was signed out',
  session_disputed: 'Was signed out because a replaced device disputed the login',
  session_lost: 'Was signed out because the server lost the session',
  password_changed: 'Changed the password, which signed all other devices out',
  reset_requested: 'Was sent or given a link to set another password',
  password_reset: 'Set another password with such a link, which signed all devices out',
  username_changed: 'The name was changed',
  email_requested: 'Was sent a link to confirm a mail address',
  email_changed: 'The mail address was changed or removed',
  roles_changed: 'The roles were changed',
  user_disabled: 'The account was disabled',
  user_enabled: 'The account was enabled again',
  user_deleted: 'The account was deleted',
}
