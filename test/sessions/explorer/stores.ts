import type { Account, Accounts } from '../../../src/accounts/accounts.ts'
import { storeUnavailable } from '../../../src/errors.ts'
import type { Register } from '../../../src/sessions/store.ts'

/** All that is shared: one user's value in the store and row in SQL, and every value they had. */
export type Stores = {
  text: string | null
  account: Account
  /** How often the store was restarted: that is its incarnation. */
  restarts: number
  pastTexts: readonly (string | null)[]
  pastAccounts: readonly Account[]
}

/** What can be left out, to see that the promises need it. */
export type Flaws = { compare?: false; fence?: false; numbers?: false }

/** Has a command wait for its turn, and answers with what its effect then returns. */
export type Scheduled = <T>(
  wire: 'store' | 'sql' | 'sql number',
  effect: () => T,
  describe: (result: T) => string,
) => Promise<T>

/** What an instance is connected to for the moment. */
export type Wires = { stores: Stores; step: Scheduled }

/** Performs a command as soon as it is sent. */
export const atOnce: Scheduled = async (_wire, effect) => effect()

/** A store in memory, each of whose commands waits for its turn. */
export function scriptedRegister(wires: Wires, flaws: Flaws, now: number): Register {
  return {
    read: () =>
      wires.step(
        'store',
        () => ({
          text: wires.stores.text,
          incarnation: flaws.fence === false ? 'always the same' : `run ${wires.stores.restarts}`,
        }),
        ({ text }) => `reads ${text}`,
      ),
    swap: (_handle, expected, next) =>
      wires.step(
        'store',
        () => {
          const { stores } = wires
          if (stores.text !== expected && flaws.compare !== false) return false
          stores.text = next
          if (!stores.pastTexts.includes(next)) stores.pastTexts = [...stores.pastTexts, next]
          return true
        },
        (done) => (done ? `writes ${next}` : 'is too late to write'),
      ),
    now: () => now,
    ping: notAsked,
    close: notAsked,
  }
}

/** SQL, likewise: as much of it as sessions stand on. */
export function scriptedAccounts(wires: Wires, flaws: Flaws): Accounts {
  function change(above: number, changed: (epoch: number) => Partial<Account>): Promise<Account> {
    return wires.step(
      'sql number',
      () => {
        const { stores } = wires
        const epoch = Math.max(stores.account.epoch, above) + 1
        const account = { ...stores.account, ...changed(epoch), epoch }
        stores.account = flaws.numbers === false ? { ...account, epoch: stores.account.epoch } : account
        stores.pastAccounts = [...stores.pastAccounts, account]
        return account
      },
      (account) => `takes number ${account.epoch}`,
    )
  }
  return {
    raise: (_userId, above) => change(above, () => ({})),
    setPassword: () => change(0, (epoch) => ({ credentialEpoch: epoch })),
    change: (_userId, { roles, disabled }) =>
      change(0, () => ({ ...(roles && { roles }), ...(disabled && { disabled }) })),
    findByHandle: () =>
      wires.step(
        'sql',
        () => wires.stores.account,
        (account) => `finds number ${account.epoch} in SQL`,
      ),
    findById: notAsked,
    create: notAsked,
    createAll: notAsked,
    findTaken: notAsked,
    sampleHashes: notAsked,
    findByUsername: notAsked,
    rehash: notAsked,
    list: notAsked,
    listRecent: notAsked,
    ping: notAsked,
    close: notAsked,
  }
}

/** What became of a command whose connection broke. */
export function connectionLost(): Error {
  return storeUnavailable(new Error('the connection broke'))
}

async function notAsked(): Promise<never> {
  throw new Error('sessions are not expected to ask this')
}
