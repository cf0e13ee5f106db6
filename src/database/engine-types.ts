import type { Notices } from '../notices/notices.ts'
import type { SessionStore } from '../sessions/store.ts'
import type { Counters } from '../throttle/counters.ts'
import type { Insurance } from '../throttle/insurance.ts'
import type { Sql } from './sql.ts'

/** Where sessions and the counts of guesses are kept, and how their ends are told: Redis if there is one, else what SQL brings. */
export type SeatEngines = {
  store: SessionStore
  notices: Notices
  counters: Counters
}

/** A SQL database, with the sessions and the secrets it holds when nothing else does. */
export type SqlDatabase = {
  db: Sql
  seats: (insurance: Insurance) => Promise<SeatEngines>
  secrets: () => readonly string[]
}
