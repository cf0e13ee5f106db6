import { useSession } from 'oneseat/client/react'
import { useState } from 'react'
import { Account } from './account.tsx'
import { client } from './client.ts'
import { Reset, useResetToken } from './reset.tsx'
import { SignIn } from './sign-in.tsx'
import { START } from './start-values.ts'

/** The whole application. The session decides what it shows. */
export function App() {
  const session = useSession(client)
  const [token, forgetToken] = useResetToken()
  const [password, setPassword] = useState(START.password)
  function leaveReset(isSet: boolean): void {
    if (isSet) setPassword('')
    forgetToken()
  }
  if (token !== null) return <Reset token={token} onEnd={leaveReset} />
  switch (session.status) {
    case 'loading':
      return <main className="screen" aria-busy="true" aria-label="Loading" />
    case 'signed-out':
      return <SignIn reason={session.reason} initialPassword={password} />
    case 'signed-in':
      return <Account {...session} />
  }
}
