import type { TimelinePage } from 'oneseat/client'
import { useEffect, useState } from 'react'
import { client } from './client.ts'
import { describeDevice, timeOf } from './format.ts'

type Event = TimelinePage['events'][number]

/** What happened to the account, newest first. */
export function TimelineOfAccount() {
  const [events, setEvents] = useState<readonly Event[]>([])
  useEffect(() => {
    client.timeline({ limit: 20 }).then(
      (page) => setEvents(page.events),
      () => {}, // if the user is signed out meanwhile, they see that
    )
  }, [])

  return (
    <ol className="list timeline">
      {events.map((event) => (
        <li key={event.id} data-kind={KINDS[event.type] ?? 'plain'}>
          <div className="row">
            <strong>{WORDS[event.type]}</strong>
            <time dateTime={event.at} className="muted">
              {timeOf(event.at)}
            </time>
          </div>
          {event.device !== null && <p className="muted">{describeDevice(event.device)}</p>}
          {event.by !== null && (
            <p className="muted">by {event.by.user ?? describeDevice(event.by.device)}</p>
          )}
        </li>
      ))}
    </ol>
  )
}

const WORDS: Record<Event['type'], string> = {
  registered: 'Account made',
  login: 'Signed in',
  login_failed: 'Wrong password',
  logged_out: 'Signed out',
  session_replaced: 'Replaced',
  session_idle: 'Signed out: away for too long',
  session_expired: 'Signed out: time was up',
  session_revoked: 'Ended from another device',
  session_disputed: '“That was not me”',
  session_lost: 'Session lost',
  password_changed: 'Password changed',
  reset_requested: 'Link for a new password',
  password_reset: 'Password set by a link',
  username_changed: 'Username changed',
  email_requested: 'Mail address to confirm',
  email_changed: 'Mail address changed',
  roles_changed: 'Roles changed',
  user_disabled: 'Account disabled',
  user_enabled: 'Account enabled',
  user_deleted: 'Account deleted',
}

const KINDS: Record<string, 'good' | 'bad'> = {
  login: 'good',
  registered: 'good',
  login_failed: 'bad',
  session_replaced: 'bad',
  session_disputed: 'bad',
}
