import type { Account, Accounts } from '../../../src/accounts/accounts.ts'
import { Refusal } from '../../../src/errors.ts'
import { keepSessions } from '../../../src/sessions/create-sessions.ts'
import type { Claimed, Found, Sessions } from '../../../src/sessions/sessions.ts'
import { hashSecret, newSecret, newSessionId, type TokenProof } from '../../../src/sessions/token.ts'
import type { Deed, Scenario } from './scenario.ts'
import { atOnce, type Stores, scriptedAccounts, scriptedRegister, type Wires } from './stores.ts'

/** What an actor was told in the end. */
export type Answer =
  | { kind: 'signed in'; deed: Deed; claimed: Claimed }
  | { kind: 'asked'; deed: Deed & { kind: 'request' }; found: Found | null }
  | { kind: 'done'; deed: Deed }
  | { kind: 'refused'; deed: Deed; code: string }

export type Instance = { sessions: Sessions; accounts: Accounts; wires: Wires }

/** Does what is planned, as the routes do, and says what came of it. `number` is that of a named session. */
export async function act(
  deed: Deed,
  { sessions, accounts }: Instance,
  number: (session: string) => number,
): Promise<Answer> {
  try {
    switch (deed.kind) {
      case 'login': {
        const presented = deed.presents === undefined ? null : proofOf(number(deed.presents))
        const replace = deed.replace === undefined ? null : idOf(number(deed.replace))
        const claimed = await sessions.claim({ ...LOGIN, presented, replace })
        if (claimed.kind === 'full') return { kind: 'refused', deed, code: 'session_limit_reached' }
        return { kind: 'signed in', deed, claimed }
      }
      case 'request': {
        let found = await sessions.find(proofOf(number(deed.of)))
        if (found?.state === 'live') found = await sessions.extend(found)
        return { kind: 'asked', deed, found }
      }
      case 'logout':
        await sessions.release(proofOf(number(deed.of)), 'logged_out')
        return { kind: 'done', deed }
      case 'password': {
        const change = () => accounts.setPassword(ACCOUNT.id, 0, '') as Promise<Account>
        const claimed = await sessions.renew(proofOf(number(deed.of)), change)
        return claimed === null ? { kind: 'done', deed } : { kind: 'signed in', deed, claimed }
      }
      case 'roles':
      case 'disable': {
        const to = deed.kind === 'roles' ? { roles: ['editor'] } : { disabled: true }
        await sessions.update(HANDLE, () => accounts.change(ACCOUNT.id, to, 0) as Promise<Account>)
        return { kind: 'done', deed }
      }
      case 'revoke':
        await sessions.revoke(HANDLE, null, 'session_revoked')
        return { kind: 'done', deed }
    }
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', deed, code: error.code }
    throw error
  }
}

/** An instance of its own; the session it makes has this number. */
export function instance({ policy, flaws = {} }: Scenario, number: number, now: number): Instance {
  const wires: Wires = { stores: NO_STORES, step: atOnce }
  const accounts = scriptedAccounts(wires, flaws)
  const sessions = keepSessions(scriptedRegister(wires, flaws, now), accounts, {
    idleTimeout: 30 * MINUTE,
    absoluteTimeout: 12 * 60 * MINUTE,
    policyFor: () => policy,
    random: randomOf(number),
    onUnreadable: (handle) => {
      throw new Error(`the record of ${handle} is unreadable`)
    },
    onEnded: () => {},
  })
  return { sessions, accounts, wires }
}

/** What a browser with the cookie of this session proves. */
export function proofOf(number: number): TokenProof {
  return { handle: HANDLE, secretHash: hashSecret(newSecret(randomOf(number))) }
}

/** The public id of the session with this number, and back. */
export function idOf(number: number): string {
  return newSessionId(randomOf(number))
}
export function numberOf(sessionId: string): number {
  return Buffer.from(sessionId, 'base64url')[0] as number
}

function randomOf(number: number) {
  return (size: number) => Buffer.alloc(size, number)
}

const MINUTE = 60_000
const HANDLE = 'AAAAAAAAAAAAAAAA'

/** The one user there is. */
export const ACCOUNT: Account = {
  id: 'ann',
  handle: HANDLE,
  username: 'ann',
  roles: [],
  disabled: false,
  createdAt: 0,
  epoch: 0,
  credentialEpoch: 0,
  lastLoginAt: null,
}

/** Nobody has signed in yet. */
export const NO_STORES: Stores = {
  text: null,
  account: ACCOUNT,
  restarts: 0,
  pastTexts: [null],
  pastAccounts: [ACCOUNT],
}

/** A login with the password that the user had at the start. */
export const LOGIN = {
  userId: ACCOUNT.id,
  handle: HANDLE,
  credentialEpoch: ACCOUNT.credentialEpoch,
  device: { name: null, os: null, browser: null },
  ip: '127.0.0.1',
  presented: null,
  replace: null,
}
