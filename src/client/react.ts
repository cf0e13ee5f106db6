import { useSyncExternalStore } from 'react'
import type { Client, SessionState } from './client.ts'

/** A hook that gives the state of the session: who is signed in, or why nobody is. It changes in every tab. */
export function useSession(client: Client): SessionState {
  return useSyncExternalStore(client.subscribe, client.state, client.state)
}
