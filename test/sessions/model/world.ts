import { randomBytes } from 'node:crypto'
import type { Account, Accounts } from '../../../src/accounts/accounts.ts'
import { keepSessions } from '../../../src/sessions/create-sessions.ts'
import type { SeatPolicy } from '../../../src/sessions/rules.ts'
import type { Sessions } from '../../../src/sessions/sessions.ts'
import type { Register } from '../../../src/sessions/store.ts'
import { newHandle, readToken, type TokenProof } from '../../../src/sessions/token.ts'
import { seatPolicies } from '../../../src/settings/session-limits.ts'
import { ABSOLUTE, IDLE } from './model.ts'
import { USERS } from './steps.ts'

/** The real rules over a real engine, with a clock and settings that the test turns. */
export type World = {
  sessions: Sessions
  accounts: Accounts
  users: Account[]
  now(): number
  wait(ms: number): void
  policyFor(roles: readonly string[]): SeatPolicy
  configure(settings: { limit: number; staffLimit: number; onLimit: SeatPolicy['onLimit'] }): void
  /** The public ids of all sessions that were told to have run out, in order. */
  ranOut: string[]
}

/** New users in `accounts`, with nothing remembered of earlier ones. */
export async function createWorld(register: Register, accounts: Accounts): Promise<World> {
  let ahead = 0
  const start = Date.now()
  const now = () => start + ahead
  let policies: World['policyFor']
  const configure: World['configure'] = ({ limit, staffLimit, onLimit }) => {
    policies = seatPolicies({
      SESSION_LIMIT: limit,
      SESSION_LIMIT_BY_ROLE: [`staff:${staffLimit}`],
      ON_LIMIT: onLimit,
      REFUSE_WHILE_SEEN: 5 * 60_000,
    })
  }
  configure({ limit: 1, staffLimit: 2, onLimit: 'replace' })
  const ranOut: string[] = []
  const sessions = keepSessions({ ...register, now }, accounts, {
    idleTimeout: IDLE,
    absoluteTimeout: ABSOLUTE,
    policyFor: (roles) => policies(roles),
    random: randomBytes,
    onUnreadable: (handle) => {
      throw new Error(`the record of ${handle} cannot be read`)
    },
    onEnded: () => {},
    onRanOut: (_holder, session) => ranOut.push(session.id),
  })
  const users = await Promise.all(
    Array.from({ length: USERS }, () =>
      accounts.create({
        id: randomBytes(9).toString('base64url'),
        handle: newHandle(randomBytes),
        username: randomBytes(9).toString('hex'),
        passwordHash: '',
        roles: [],
        createdAt: now(),
      }),
    ),
  )
  return {
    sessions,
    accounts,
    users,
    now,
    policyFor: (roles) => policies(roles),
    configure,
    ranOut,
    wait: (ms) => {
      ahead += ms
    },
  }
}

export function proofOf(token: string): TokenProof {
  const proof = readToken(token)
  if (proof === null) throw new Error(`${token} is no token`)
  return proof
}
