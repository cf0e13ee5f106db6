import { ApiError, type SignedOut } from 'oneseat/client'
import { useState } from 'react'
import { client } from './client.ts'

/** Says why the user was signed out, and what to do if that was somebody else. */
export function SignedOutNotice({ reason }: { reason: SignedOut }) {
  const [said, setSaid] = useState<string | null>(null)

  async function dispute(): Promise<void> {
    try {
      await client.dispute()
      setSaid('That device has been signed out. Sign in and choose another password.')
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setSaid(error.message)
    }
  }

  return (
    <section className="notice" role="status">
      {reason.code !== 'logged_out' && <h2>You were signed out</h2>}
      <p>{reason.message}</p>
      {reason.code === 'session_replaced' && said === null && (
        <button type="button" onClick={() => void dispute()}>
          That was not me
        </button>
      )}
      {said !== null && <p className="said">{said}</p>}
    </section>
  )
}
