import { ApiError } from 'oneseat/client'
import { type FormEvent, useEffect, useState } from 'react'
import { client } from './client.ts'
import { Field } from './field.tsx'

/** `onEnd` gets true if the password was set. */
type ResetProps = { token: string; onEnd: (isSet: boolean) => void }

/** Sets another password with the token of a link. This signs every device out, and signs nobody in. */
export function Reset({ token, onEnd }: ResetProps) {
  const [newPassword, setNew] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const [isSet, setIsSet] = useState(false)

  async function reset(event: FormEvent): Promise<void> {
    event.preventDefault()
    setProblem(null)
    try {
      await client.resetPassword({ token, newPassword })
      setIsSet(true)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.message)
    }
  }

  return (
    <main className="screen sign-in">
      <form className="stack" onSubmit={(event) => void reset(event)}>
        <header>
          <span className="mark" aria-hidden="true" />
          <h1>Set another password</h1>
        </header>
        <p role="status" className="said">
          {isSet && 'It is set, and every device is signed out. Sign in with it.'}
        </p>
        {!isSet && (
          <Field
            label="New password"
            type="password"
            autoComplete="new-password"
            value={newPassword}
            onText={setNew}
          />
        )}
        <p role="alert" className="problem">
          {problem}
        </p>
        {!isSet && (
          <button type="submit" className="primary">
            Set password
          </button>
        )}
        <button type="button" className={isSet ? 'primary' : ''} onClick={() => onEnd(isSet)}>
          {isSet ? 'Go to sign-in' : 'Cancel'}
        </button>
      </form>
    </main>
  )
}

/** The token of a link, and a function that forgets it. It is removed from the address, so that it is not in the history. */
export function useResetToken(): [token: string | null, forget: () => void] {
  const [token, setToken] = useState(takeToken)
  useEffect(() => {
    const take = () => setToken(takeToken())
    addEventListener('hashchange', take)
    return () => removeEventListener('hashchange', take)
  }, [])
  return [token, () => setToken(null)]
}

/** It stands after the `#`, which a browser sends to no server. */
function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token !== null) history.replaceState(null, '', location.pathname)
  return token
}
