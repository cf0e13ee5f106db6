import { ApiError, type Session, type SignedOut } from 'oneseat/client'
import { type FormEvent, useState } from 'react'
import { client } from './client.ts'
import { Field } from './field.tsx'
import { Forgotten } from './forgotten.tsx'
import { SignedOutNotice } from './signed-out-notice.tsx'
import { START } from './start-values.ts'
import { Taken } from './taken.tsx'

type SignInProps = { reason: SignedOut | null; initialPassword: string }

/** The sign-in form. Above it stands why one has to sign in again, below it what to do after a refused sign-in. */
export function SignIn({ reason, initialPassword }: SignInProps) {
  const [username, setUsername] = useState(START.username)
  const [password, setPassword] = useState(initialPassword)
  const [problem, setProblem] = useState<string | null>(null)
  const [taken, setTaken] = useState<readonly Session[]>([])
  const [isBusy, setBusy] = useState(false)
  const [isForgotten, setForgotten] = useState(false)

  async function signIn(replace?: string): Promise<void> {
    setBusy(true)
    setProblem(null)
    try {
      await client.login({
        username,
        password,
        ...(START.device === null ? {} : { device: START.device }),
        ...(replace === undefined ? {} : { replace }),
      })
      return // this form is not shown any more
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (error.code === 'session_limit_reached') {
        setTaken(error.sessions)
        // The policy is `refuse`, not `ask`.
        if (replace !== undefined) setProblem('It is in use. Sign out there first.')
      } else {
        setTaken([])
        setProblem(error.message)
      }
    }
    setBusy(false)
  }

  function submit(event: FormEvent): void {
    event.preventDefault()
    void signIn()
  }

  if (taken.length > 0)
    return (
      <main className="screen sign-in">
        <Taken
          sessions={taken}
          problem={problem}
          isBusy={isBusy}
          onReplace={(id) => void signIn(id)}
          onCancel={() => setTaken([])}
        />
      </main>
    )
  if (isForgotten)
    return (
      <main className="screen sign-in">
        <Forgotten username={username} onUsername={setUsername} onBack={() => setForgotten(false)} />
      </main>
    )
  return (
    <main className="screen sign-in">
      {reason !== null && <SignedOutNotice reason={reason} key={reason.code} />}
      <form onSubmit={submit} className="stack">
        <header>
          <span className="mark" aria-hidden="true" />
          <h1>Sign in</h1>
          {START.device !== null && <p className="muted">on the {START.device.toLowerCase()}</p>}
        </header>
        <Field
          label="Username"
          autoComplete="username"
          autoCapitalize="none"
          value={username}
          onText={setUsername}
        />
        <Field
          label="Password"
          type="password"
          autoComplete="current-password"
          value={password}
          onText={setPassword}
        />
        <p role="alert" className="problem">
          {problem}
        </p>
        <button type="submit" className="primary" disabled={isBusy}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
        <button type="button" onClick={() => setForgotten(true)}>
          I have forgotten my password
        </button>
      </form>
    </main>
  )
}
