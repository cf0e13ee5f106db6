import type { Session } from 'oneseat/client'
import { useEffect, useState } from 'react'
import { client } from './client.ts'
import { describeDevice, systemOf, timeOf } from './format.ts'

/** Where the account is signed in, each with a way to end it. */
export function Devices() {
  const [sessions, setSessions] = useState<readonly Session[]>([])

  async function load(): Promise<void> {
    // Who is signed out meanwhile sees that, and not an error.
    await client.sessions().then(
      (answer) => setSessions(answer.sessions),
      () => {},
    )
  }
  useEffect(() => void load(), [])

  return (
    <ul className="list">
      {sessions.map((session) => (
        <li className="row" key={session.id}>
          <div>
            <strong>{describeDevice(session.device)}</strong>
            <p className="muted">{systemOf(session.device)}</p>
            <p className="muted">
              {session.ip} · since {timeOf(session.createdAt)}
            </p>
          </div>
          {session.current ? (
            <span className="badge">This device</span>
          ) : (
            <button
              type="button"
              aria-label={`Sign out ${describeDevice(session.device)}`}
              onClick={() => void client.revoke(session.id).then(load, load)}
            >
              Sign out
            </button>
          )}
        </li>
      ))}
    </ul>
  )
}
