import type { Session } from 'oneseat/client'
import { describeDevice, systemOf, timeOf } from './format.ts'

type TakenProps = {
  sessions: readonly Session[]
  problem: string | null
  isBusy: boolean
  onReplace: (id: string) => void
  onCancel: () => void
}

/** Asks which session to end: all seats are taken, and the policy did not let this sign-in replace one. */
export function Taken({ sessions, problem, isBusy, onReplace, onCancel }: TakenProps) {
  return (
    <section className="stack" aria-labelledby="taken">
      <header>
        <span className="mark" aria-hidden="true" />
        <h1 id="taken">Already signed in</h1>
        <p className="muted">This account may be signed in on one device. Nobody was signed out.</p>
      </header>
      {sessions.map((session) => (
        <div className="card stack" key={session.id}>
          <div>
            <strong>{describeDevice(session.device)}</strong>
            <p className="muted">
              {systemOf(session.device)} · since {timeOf(session.createdAt)}
            </p>
          </div>
          <button
            type="button"
            className="primary"
            disabled={isBusy}
            onClick={() => onReplace(session.id)}
          >
            Sign it out and go on
          </button>
        </div>
      ))}
      <p role="alert" className="problem">
        {problem}
      </p>
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
    </section>
  )
}
