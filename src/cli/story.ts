import type { Accounts } from '../accounts/accounts.ts'
import type { Device } from '../sessions/record.ts'
import type { EventType, KeptEvent, Timeline } from '../timeline/timeline.ts'
import { accountNamed } from './change-user.ts'

/** What happened to an account, oldest first, one sentence a line. Throws `GaveUp` if there is none. */
export async function* tellStory(
  { accounts, timeline }: { accounts: Accounts; timeline: Timeline },
  name: string,
  pageSize = 200,
): AsyncGenerator<string> {
  const account = await accountNamed(accounts, name)
  const events: KeptEvent[] = []
  for (let before: string | null = null; ; ) {
    const page: KeptEvent[] = await timeline.list(account.id, { before, limit: pageSize })
    events.push(...page)
    before = page.at(-1)?.id ?? null
    if (page.length < pageSize) break
  }
  const roles = account.roles.length === 0 ? 'no roles' : account.roles.join(', ')
  yield `${account.username} (${roles})${account.disabled ? ', disabled' : ''}. Times are UTC.`
  for (const event of events.reverse()) yield tellEvent(event)
}

/** An event as a sentence, with when it happened. */
export function tellEvent({ type, at, device, ip, by }: KeptEvent): string {
  const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ')
  const where = [device && nameDevice(device), ip === null ? null : `at ${ip}`].filter(Boolean).join(' ')
  const behind =
    by === null
      ? ''
      : by.user !== null
        ? `, by ${by.user}`
        : `, by ${by.device === null ? 'a device' : nameDevice(by.device)}${by.ip === null ? '' : ` at ${by.ip}`}`
  return `${time}  ${SENTENCES[type]}${where === '' ? '' : `: ${where}`}${behind}`
}

function nameDevice({ name, os, browser }: Device): string {
  const software = [browser, os].filter((part) => part !== null).join(' on ')
  if (name === null) return software === '' ? 'a device' : software
  return software === '' ? `“${name}”` : `“${name}” (${software})`
}

const SENTENCES: Record<EventType, string> = {
  registered: 'Got an account',
  new_device: 'Signed in with this device for the first time',
  login: 'Signed in',
  login_failed: 'A wrong password was tried',
  session_replaced: 'Was signed out by a newer login',
  logged_out: 'Signed out',
  session_idle: 'Was signed out for not being there',
  session_expired: 'Was signed out at the maximum age of a session',
  session_revoked: 'Was signed out from elsewhere',
  session_disputed: 'Was signed out because a replaced device disputed the login',
  session_lost: 'Was signed out because the server lost track of the session',
  password_changed: 'Changed the password, which signed all other devices out',
  reset_requested: 'Was sent or given a link to set another password',
  password_reset: 'Set another password with such a link, which signed all devices out',
  username_changed: 'Got another name',
  email_requested: 'Was sent a link to confirm a mail address',
  email_changed: 'Got another mail address, or none',
  roles_changed: 'Got other roles',
  user_disabled: 'Was disabled',
  user_enabled: 'Was enabled again',
  user_deleted: 'Was deleted',
}
