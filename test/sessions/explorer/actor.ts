import { createSessions } from '../../../src/sessions/create-sessions.ts'
import type { NumberedUser } from '../../../src/sessions/numbers.ts'
import { SessionsRefusal } from '../../../src/sessions/refusal.ts'
import type { Claimed, SessionState, Sessions } from '../../../src/sessions/sessions.ts'
import {
  formatToken,
  hashSecret,
  newSecret,
  newSessionId,
  type SessionKey,
} from '../../../src/sessions/token.ts'
import type { Deed, Scenario } from './scenario.ts'
import { atOnce, type Stores, scriptedSql, scriptedStore, type Wires } from './stores.ts'

/** What an actor was told in the end. */
export type Answer =
  | { kind: 'signed in'; deed: Deed; claimed: Claimed }
  | { kind: 'asked'; deed: Deed & { kind: 'request' }; found: SessionState | null }
  | { kind: 'done'; deed: Deed }
  | { kind: 'refused'; deed: Deed; code: string }

export type Instance = {
  sessions: Sessions
  change: ReturnType<typeof scriptedSql>['change']
  wires: Wires
  /** It has made nothing yet. */
  renewed: () => void
}

/** Does what is planned, as the routes do, and says what came of it. `cookie` gives that of a named session. */
export async function act(
  deed: Deed,
  { sessions, change }: Instance,
  cookie: (session: string) => { token: string; id: string },
): Promise<Answer> {
  try {
    switch (deed.kind) {
      case 'login': {
        const presented = deed.presents === undefined ? null : cookie(deed.presents).token
        const replace = deed.replace === undefined ? null : cookie(deed.replace).id
        const claimed = await sessions.claim({ ...LOGIN, presented, replace })
        if (claimed.kind === 'full') return { kind: 'refused', deed, code: 'session_limit_reached' }
        return { kind: 'signed in', deed, claimed }
      }
      case 'request': {
        let found = await sessions.find(cookie(deed.of).token)
        if (found?.state === 'live') found = await sessions.extend(found)
        return { kind: 'asked', deed, found }
      }
      case 'logout':
        await sessions.release(keyOf(cookie(deed.of).token), 'logged_out')
        return { kind: 'done', deed }
      case 'password': {
        const claimed = await sessions.renew(keyOf(cookie(deed.of).token), (raise) =>
          change(raise, (raised) => ({ credentialNumber: raised })),
        )
        return claimed === null ? { kind: 'done', deed } : { kind: 'signed in', deed, claimed }
      }
      case 'roles':
      case 'disable': {
        const to = deed.kind === 'roles' ? { roles: ['editor'] } : { disabled: true }
        await sessions.update(HANDLE, (raise) => change(raise, () => to))
        return { kind: 'done', deed }
      }
      case 'revoke':
        await sessions.revoke(HANDLE, null, 'session_revoked')
        return { kind: 'done', deed }
    }
  } catch (error) {
    if (error instanceof SessionsRefusal) return { kind: 'refused', deed, code: error.code }
    throw error
  }
}

/** An instance of its own; the session it makes has this number. */
export function instance({ policy, flaws = {} }: Scenario, number: number, now: number): Instance {
  const wires: Wires = {
    stores: NO_STORES,
    step: atOnce,
    name: '',
    isRunning: () => true,
    pause: async () => {},
    commands: 0,
  }
  const sql = scriptedSql(wires, flaws)
  let random = randomOf(number)
  const sessions = createSessions({
    ...sql,
    store: scriptedStore(wires, flaws, now),
    secrets: [SECRET],
    idleTimeout: 30 * MINUTE,
    absoluteTimeout: 12 * 60 * MINUTE,
    policyFor: () => policy,
    random: (size) => random(size),
    // After each command SQL is asked again which histories are in use. For how long an answer holds is for other tests.
    monotonic: () => wires.commands * 10_000,
    pause: () => wires.pause(),
    onUnreadable: (handle) => {
      throw new Error(`the record of ${handle} is unreadable`)
    },
  })
  const renewed = () => {
    random = randomOf(number)
  }
  return { sessions, change: sql.change, wires, renewed }
}

/** What a browser with the cookie of this session presents, and what the core makes of it. */
export function tokenOf(number: number): string {
  return formatToken(HANDLE, newSecret(randomOf(number)))
}
export function keyOf(token: string): SessionKey {
  const key = hashSecret('oneseat session ', SECRET)
  return { handle: HANDLE, secretHash: hashSecret(key, token.slice(HANDLE.length + 1)) }
}

/** The public id of the session with this number, and back. */
export function idOf(number: number): string {
  return newSessionId(randomOf(number))
}
export function numberOf(sessionId: string): number {
  return Buffer.from(sessionId, 'base64url')[0] as number
}

/** The same bytes each time; another login of the same actor, after one that was lost, gets others. */
function randomOf(number: number) {
  let logins = 0
  return (size: number) => Buffer.alloc(size, number + TRY * (size === ID_SIZE ? logins++ : logins))
}
/** Bytes of a public id, which is the last thing that is made for a login. */
const ID_SIZE = 9
/** How far apart the numbers of two logins of one actor are. */
export const TRY = 20

const MINUTE = 60_000
const SECRET = 'a secret of the explorer'
const HANDLE = 'AAAAAAAAAAAAAAAA'

/** The one user there is. */
const USER: NumberedUser = {
  id: 'ann',
  handle: HANDLE,
  number: 0,
  credentialNumber: 0,
  roles: [],
  disabled: false,
  deleted: false,
  data: null,
}

/** Nobody has signed in yet. */
export const NO_STORES: Stores = {
  text: null,
  history: 'A',
  parent: '',
  user: USER,
  open: [],
  inUse: [],
  stamps: 0,
  aside: null,
  pastTexts: [null],
  pastUsers: [USER],
}

/** A login with the password that the user had at the start. */
export const LOGIN = {
  userId: USER.id,
  handle: HANDLE,
  credentialNumber: USER.credentialNumber,
  device: { name: null, os: null, browser: null },
  ip: '127.0.0.1',
  presented: null,
  replace: null,
}
