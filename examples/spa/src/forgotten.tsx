import { ApiError } from 'oneseat/client'
import { type FormEvent, useState } from 'react'
import { client } from './client.ts'
import { Field } from './field.tsx'

type ForgottenProps = { username: string; onUsername: (username: string) => void; onBack: () => void }

/** Asks for a link to set another password. The answer does not tell who has an account. */
export function Forgotten({ username, onUsername, onBack }: ForgottenProps) {
  const [problem, setProblem] = useState<string | null>(null)
  const [isSent, setSent] = useState(false)

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault()
    setProblem(null)
    try {
      await client.forgotPassword(username)
      setSent(true)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.message)
    }
  }

  return (
    <form className="stack" onSubmit={(event) => void send(event)}>
      <header>
        <span className="mark" aria-hidden="true" />
        <h1>Forgotten password</h1>
      </header>
      <Field
        label="Username"
        autoComplete="username"
        autoCapitalize="none"
        value={username}
        onText={onUsername}
      />
      <p role="status" className="said">
        {isSent && 'If this account has a mail address, a link is on its way there.'}
      </p>
      <p role="alert" className="problem">
        {problem}
      </p>
      <button type="submit" className="primary">
        Send a link
      </button>
      <button type="button" onClick={onBack}>
        Back
      </button>
    </form>
  )
}
