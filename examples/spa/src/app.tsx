import { useSession } from 'oneseat/client/react'
import { Account } from './account.tsx'
import { client } from './client.ts'
import { SignIn } from './sign-in.tsx'

/** The whole application: what it shows follows from the session. */
export function App() {
  const session = useSession(client)
  switch (session.status) {
    case 'loading':
      return <main className="screen" aria-busy="true" aria-label="Loading" />
    case 'signed-out':
      return <SignIn reason={session.reason} />
    case 'signed-in':
      return <Account {...session} />
  }
}
