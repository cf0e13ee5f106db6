import type { SeatPolicy } from '../../../src/sessions/rules.ts'
import type { Flaws } from './stores.ts'

/** Who does what at the same time. Every order of all their steps is tried. */
export type Scenario = {
  policy: SeatPolicy
  /** How many sessions are live at the start: `s1`, `s2` … in the order of their logins. */
  signedIn: number
  actors: readonly Plan[]
  /** Whether one answer of the store may be lost on the way, after its command has run. */
  losesAnswer?: boolean
  flaws?: Flaws
}

/** A session is named after the login that made it; what is done with it waits until that login has been answered. */
export type Plan = Deed | { kind: 'fault'; name: string; fault: Fault }

/** What people do. */
export type Deed =
  | { kind: 'login'; name: string; presents?: string; replace?: string }
  | { kind: 'request'; name: string; of: string }
  | { kind: 'logout'; name: string; of: string }
  | { kind: 'password'; name: string; of: string }
  | { kind: 'roles'; name: string }
  | { kind: 'disable'; name: string }
  | { kind: 'revoke'; name: string }

/**
 * What machines do, once, at any moment. What is rolled back has again any value that it had before; with the store that
 * is a restart, too. It is `restarted` with all it had, while nobody is being served, so that nobody may notice.
 */
export type Fault = 'store rolled back' | 'store emptied' | 'store restarted' | 'SQL rolled back'
