import { randomBytes } from 'node:crypto'
import type { RaiseSet } from '../../../src/database/sql-numbers.ts'
import { sqlNumbers } from '../../../src/database/sql-numbers.ts'
import { createSessions } from '../../../src/sessions/create-sessions.ts'
import type { NumberedUser } from '../../../src/sessions/numbers.ts'
import type { LimitPolicy } from '../../../src/sessions/options.ts'
import { limitPolicies } from '../../../src/sessions/options.ts'
import type { Change, Sessions } from '../../../src/sessions/sessions.ts'
import type { SessionStores } from '../../support/session-stores.ts'
import { newUser } from '../scene.ts'
import { ABSOLUTE, IDLE } from './model.ts'
import { USERS } from './steps.ts'

/** The real rules over a real store, with a clock and settings that the test turns. */
export type World = {
  sessions: Sessions
  users: NumberedUser[]
  userNow(index: number): Promise<NumberedUser>
  /** Changes a user in SQL. */
  change(index: number, set: RaiseSet): Change
  now(): number
  wait(ms: number): void
  policyFor(roles: readonly string[]): LimitPolicy
  configure(settings: { limit: number; staffLimit: number; onLimit: LimitPolicy['onLimit'] }): void
  /** The public ids of all sessions that were told to have expired, in order. */
  expired: string[]
}

/** New users, with nothing remembered of earlier ones. */
export async function createWorld(stores: SessionStores): Promise<World> {
  let ahead = 0
  const start = Date.now()
  const now = () => start + ahead
  let policies: World['policyFor']
  const configure: World['configure'] = ({ limit, staffLimit, onLimit }) => {
    policies = limitPolicies({ limit, onLimit, refuseWhileSeen: 5 * 60_000 }, [['staff', staffLimit]])
  }
  configure({ limit: 1, staffLimit: 2, onLimit: 'replace' })
  const expired: string[] = []
  const sessions = createSessions({
    ...stores,
    store: { ...stores.store, now },
    secrets: ['a secret of the model'],
    idleTimeout: IDLE,
    absoluteTimeout: ABSOLUTE,
    policyFor: (roles) => policies(roles),
    random: randomBytes,
    onUnreadable: (handle) => {
      throw new Error(`the record of ${handle} cannot be read`)
    },
    onExpired: (_user, session) => expired.push(session.id),
  })
  const users = await Promise.all(Array.from({ length: USERS }, () => newUser(stores)))
  const { parts } = sqlNumbers(stores.db, () => '')
  const handleOf = (index: number) => users[index]?.handle ?? ''
  return {
    sessions,
    users,
    userNow: async (index) => {
      return (await stores.numbers.find({ handle: handleOf(index) })) as NumberedUser
    },
    change: (index, set) => (raise) =>
      stores.db.transaction(() => parts.raise(handleOf(index), raise, set)),
    now,
    policyFor: (roles) => policies(roles),
    configure,
    expired,
    wait: (ms) => {
      ahead += ms
    },
  }
}
