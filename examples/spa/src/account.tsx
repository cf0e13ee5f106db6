import type { SessionState } from 'oneseat/client'
import { useState } from 'react'
import { client } from './client.ts'
import { Devices } from './devices.tsx'
import { describeDevice, systemOf, timeOf } from './format.ts'
import { Password } from './password.tsx'
import { TimelineOfAccount } from './timeline-of-account.tsx'

type SignedIn = Extract<SessionState, { status: 'signed-in' }>

const VIEWS = ['Devices', 'Timeline', 'Password'] as const

/** The page of a signed-in user. */
export function Account({ user, session, ending }: SignedIn) {
  const [view, setView] = useState<(typeof VIEWS)[number]>('Devices')
  const name = user.username ?? user.id
  const mustChange = user.mustChangePassword === true
  const shown = mustChange ? 'Password' : view

  return (
    <main className="screen account">
      <header className="row">
        <span className="avatar" aria-hidden="true">
          {name.slice(0, 1)}
        </span>
        <h1>{name}</h1>
        <button type="button" onClick={() => void client.logout()}>
          Sign out
        </button>
      </header>

      {ending !== null && (
        <section className="notice" role="status">
          <p>You will be signed out at {timeOf(ending.at)}.</p>
          {ending.code === 'session_idle' && (
            <button type="button" onClick={() => void client.touch()}>
              Stay signed in
            </button>
          )}
        </section>
      )}

      <section className="seat" aria-label="This device">
        <p className="live">Signed in here</p>
        <h2>{describeDevice(session.device)}</h2>
        <p>
          {systemOf(session.device)} · since {timeOf(session.createdAt)}
        </p>
      </section>

      {mustChange ? (
        <p className="notice">Somebody may know your password. Choose another one.</p>
      ) : (
        <nav aria-label="Account">
          {VIEWS.map((each) => (
            <button
              type="button"
              key={each}
              aria-current={each === view ? 'page' : undefined}
              onClick={() => setView(each)}
            >
              {each}
            </button>
          ))}
        </nav>
      )}
      {shown === 'Devices' && <Devices />}
      {shown === 'Timeline' && <TimelineOfAccount />}
      {shown === 'Password' && <Password />}
    </main>
  )
}
