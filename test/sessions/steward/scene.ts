import { randomBytes } from 'node:crypto'
import type { Account, Accounts } from '../../../src/accounts/accounts.ts'
import { keepSessions } from '../../../src/sessions/create-sessions.ts'
import type { Claimed, Sessions } from '../../../src/sessions/sessions.ts'
import { newHandle, readToken, type TokenProof } from '../../../src/sessions/token.ts'
import type { SeatStores } from '../../support/seat-stores.ts'

export const MINUTE = 60_000

/** A new user, and rules whose clock and limit the test turns. */
export async function openScene({ register, accounts }: SeatStores, given: { limit: number }) {
  let ahead = 0
  let { limit } = given
  let held: { reach: () => void; released: Promise<void> } | null = null
  const ranOut: string[] = []
  const user = await accounts.create({
    id: randomBytes(9).toString('base64url'),
    handle: newHandle(randomBytes),
    username: randomBytes(9).toString('hex'),
    passwordHash: '',
    roles: [],
    createdAt: Date.now(),
  })
  // A login waits between its number and its seat, where all the races are.
  const holding: Accounts = {
    ...accounts,
    async raise(...args) {
      const raised = await accounts.raise(...args)
      const hold = held
      held = null
      hold?.reach()
      await hold?.released
      return raised
    },
  }
  const sessions = keepSessions({ ...register, now: () => register.now() + ahead }, holding, {
    idleTimeout: 30 * MINUTE,
    absoluteTimeout: 12 * 60 * MINUTE,
    policyFor: () => ({ limit, onLimit: 'replace', refuseWhileSeen: 0 }),
    random: randomBytes,
    onEnded: () => {},
    onUnreadable: () => {},
    onRanOut: (_holder, session) => ranOut.push(session.id),
  })
  const login = async (as?: Account): Promise<Claimed> => {
    const { id, handle, credentialEpoch } = as ?? ((await accounts.findById(user.id)) as Account)
    const device = { name: null, os: null, browser: null }
    const claimed = await sessions.claim({
      ...{ userId: id, handle, credentialEpoch, device },
      ...{ ip: '::1', presented: null, replace: null },
    })
    if (claimed.kind === 'full') throw new Error('no seat is free')
    return claimed
  }
  const late = () => {
    const reached = Promise.withResolvers<void>()
    const released = Promise.withResolvers<void>()
    held = { reach: reached.resolve, released: released.promise }
    return { login, reached: reached.promise, release: released.resolve }
  }
  return {
    ...{ sessions, user, login, late, change, setPassword, ranOut },
    wait: (ms: number) => {
      ahead += ms
    },
    limit: (value: number) => {
      limit = value
    },
  }

  async function change(wish: Parameters<Accounts['change']>[1]): Promise<Account> {
    return (await accounts.change(user.id, wish, Date.now())) as Account
  }

  async function setPassword(): Promise<Account> {
    const { credentialEpoch } = (await accounts.findById(user.id)) as Account
    return (await accounts.setPassword(user.id, credentialEpoch, '')) as Account
  }
}

export async function endedOf(sessions: Sessions, claimed: Claimed) {
  const found = await sessions.find(proofOf(claimed))
  if (found?.state !== 'ended') throw new Error('it has not ended')
  return found
}

export function proofOf(claimed: Claimed | null): TokenProof {
  return readToken(claimed?.token ?? '') as TokenProof
}

export function ids(sessions: readonly { id: string }[]): string[] {
  return sessions.map(({ id }) => id)
}
