import { ApiError } from 'oneseat/client'
import { type FormEvent, useState } from 'react'
import { client } from './client.ts'
import { Field } from './field.tsx'

/** Changes the password, which signs all other devices out. */
export function Password() {
  const [currentPassword, setCurrent] = useState('')
  const [newPassword, setNew] = useState('')
  const [said, setSaid] = useState<string | null>(null)

  async function change(event: FormEvent): Promise<void> {
    event.preventDefault()
    setSaid(null)
    try {
      await client.changePassword({ currentPassword, newPassword })
      setCurrent('')
      setNew('')
      setSaid('Changed. Other devices are signed out.')
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setSaid(error.message)
    }
  }

  return (
    <form className="stack" onSubmit={(event) => void change(event)}>
      <Field
        label="Current password"
        type="password"
        autoComplete="current-password"
        value={currentPassword}
        onText={setCurrent}
      />
      <Field
        label="New password"
        type="password"
        autoComplete="new-password"
        value={newPassword}
        onText={setNew}
      />
      <p role="status" className="problem">
        {said}
      </p>
      <button type="submit" className="primary">
        Change password
      </button>
    </form>
  )
}
