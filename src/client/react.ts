import { useSyncExternalStore } from 'react'
import type { Client, SessionState } from './client.ts'

/** Whether somebody is signed in, who, and if not, why: in every tab, from the first answer on. */
export function useSession(client: Client): SessionState {
  return useSyncExternalStore(client.subscribe, client.state, client.state)
}
