import type { LimitPolicy } from '../../../src/sessions/options.ts'
import type { Flaws } from './stores.ts'

/** Who does what at the same time. Every order of all their steps is tried. */
export type Scenario = {
  policy: LimitPolicy
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
 * What machines do, once, at any moment. What is rolled back has again any value that it had before.
 * - `store restarted`: with all it had, while nobody is being served, so that nobody may notice.
 * - `store rolled back`, `store emptied`: with a restart, which cuts connections.
 * - `store demoted`: rolled back under open connections, by a promotion: the history has another name.
 * - `another leads`: another server is promoted, as it was a moment ago. What was sent to the first waits there.
 * - `first leads again`: as it was when the other was promoted, under its name; and it performs what waits there.
 * - `SQL rolled back`: a standby is promoted that lacks the newest commits.
 */
export type Fault =
  | 'store rolled back'
  | 'store emptied'
  | 'store restarted'
  | 'store demoted'
  | 'another leads'
  | 'first leads again'
  | 'SQL rolled back'
