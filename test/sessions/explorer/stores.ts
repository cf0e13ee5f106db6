import type {
  Changes,
  Histories,
  History,
  LoginNumbers,
  NumberedUser,
  OpenChange,
  Raise,
} from '../../../src/sessions/numbers.ts'
import { storeUnavailable } from '../../../src/sessions/refusal.ts'
import type { SessionStore } from '../../../src/sessions/store.ts'

/** All that is shared: one user's value in the store, and what SQL has of them. */
export type Stores = {
  text: string | null
  /** The history of the store, and the one it came from. */
  history: string
  parent: string
  user: NumberedUser
  /** Numbers that were raised and not closed, with the actor who raised them. */
  open: readonly (Omit<OpenChange, 'age'> & { by: string })[]
  inUse: readonly (History & { parent: string })[]
  /** How many stamps were given out. */
  stamps: number
  /** The server that led before, as it was then, and may lead again. */
  aside: { text: string | null; history: string; parent: string } | null
  pastTexts: readonly (string | null)[]
  pastUsers: readonly NumberedUser[]
}

/** What can be left out, to see that the promises need it. */
export type Flaws = {
  compare?: false
  fence?: false
  numbers?: false
  /** A swap does not look at the history. */
  fencedSwap?: false
  /** A number is raised whatever history is in use. */
  fencedRaise?: false
}

/** Has a command wait until it is scheduled, and answers with what its effect then returns. */
export type Scheduled = <T>(
  wire: 'store' | 'sql',
  effect: () => T,
  describe: (result: T) => string,
) => Promise<T>

/** What an instance is connected to for the moment. `isRunning`: whether an actor may still do something. */
export type Wires = {
  stores: Stores
  step: Scheduled
  name: string
  isRunning: (name: string) => boolean
  /** Waits for what others do. */
  pause: () => Promise<void>
  /** How many commands were sent. */
  commands: number
}

/** Performs a command as soon as it is sent. */
export const atOnce: Scheduled = async (_wire, effect) => effect()

/** A store in memory, each of whose commands waits until it is scheduled. */
export function scriptedStore(wires: Wires, flaws: Flaws, now: number): SessionStore {
  return {
    histories: flaws.fence === false ? 'none' : 'one',
    read: () =>
      send(
        wires,
        'store',
        () => {
          const { text, history, parent } = wires.stores
          return flaws.fence === false ? { text, history: '', parent: '' } : { text, history, parent }
        },
        ({ text }) => `reads ${text}`,
      ),
    swap: (_handle, from, next) =>
      send(
        wires,
        'store',
        () => {
          const { stores } = wires
          if (stores.text !== from.text && flaws.compare !== false) return false
          const isFenced = flaws.fence !== false && flaws.fencedSwap !== false
          if (isFenced && from.history !== stores.history) return false
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

/** SQL, likewise. Reads that change nothing are performed at once, where it makes no difference when. */
export function scriptedSql(wires: Wires, flaws: Flaws) {
  const numbers: LoginNumbers = {
    find: () =>
      send(
        wires,
        'sql',
        () => wires.stores.user,
        ({ number }) => `finds number ${number} in SQL`,
      ),
    raise: (_handle, raise) => change(raise, () => ({})),
  }
  const changes: Changes = {
    openOf: async () =>
      wires.stores.open.map(({ by, ...open }) => ({ ...open, age: wires.isRunning(by) ? 0 : 60_000 })),
    openFor: notAsked,
    close: (done) =>
      send(
        wires,
        'sql',
        () => {
          const closed = new Set(done.map(({ number }) => number))
          wires.stores.open = wires.stores.open.filter(({ number }) => !closed.has(number))
        },
        () => `closes ${done.map(({ number }) => number).join(', ')}`,
      ),
  }
  const histories: Histories = {
    list: async () => wires.stores.inUse.map(({ history, stamp }) => ({ history, stamp })),
    open: async (history, parent) => {
      const { stores } = wires
      const known = stores.inUse.find((each) => each.history === history)
      if (known === undefined) stores.stamps++
      stores.inUse = [known ?? { history, parent, stamp: `s${stores.stamps}` }]
      return stores.inUse[0]?.stamp ?? ''
    },
  }

  function change(
    { above, under, purpose }: Raise,
    changed: (number: number) => Partial<NumberedUser>,
  ): Promise<NumberedUser | 'outdated'> {
    return send<NumberedUser | 'outdated'>(
      wires,
      'sql',
      () => {
        const { stores } = wires
        const isInUse = stores.inUse.some((each) => each.stamp === under?.stamp)
        if (under !== null && !isInUse && flaws.fencedRaise !== false) return 'outdated'
        const number = Math.max(stores.user.number, above) + 1
        const user = { ...stores.user, ...changed(number), number }
        stores.user = flaws.numbers === false ? { ...user, number: stores.user.number } : user
        stores.pastUsers = [...stores.pastUsers, user]
        const { id, handle } = user
        stores.open = [...stores.open, { ...purpose, userId: id, handle, number, by: wires.name }]
        return user
      },
      (result) => (result === 'outdated' ? 'is told to look again' : `takes number ${result.number}`),
    )
  }

  return { numbers, changes, histories, change }
}

function send<T>(
  wires: Wires,
  wire: 'store' | 'sql',
  effect: () => T,
  describe: (result: T) => string,
): Promise<T> {
  wires.commands++
  return wires.step(wire, effect, describe)
}

/** What became of a command whose connection broke. */
export function connectionLost(): Error {
  return storeUnavailable(new Error('the connection broke'))
}

async function notAsked(): Promise<never> {
  throw new Error('sessions are not expected to ask this')
}
