import type { Session } from 'oneseat/client'
import { useEffect, useState } from 'react'
import { client } from './client.ts'
import { describeDevice, systemOf, timeOf } from './format.ts'

/** The devices of the account, each with a button to sign it out. */
export function Devices() {
  const [sessions, setSessions] = useState<readonly Session[]>([])

  async function load(): Promise<void> {
    // If the user is signed out meanwhile, they see that and not an error.
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
