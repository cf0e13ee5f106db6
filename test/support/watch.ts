import type { Accounts } from '../../src/accounts/accounts.ts'
import type { Engines } from '../../src/database/engines.ts'
import type { Changes, LoginNumbers } from '../../src/sessions/numbers.ts'
import type { SessionStore } from '../../src/sessions/store.ts'

/** A call to an engine, such as `store.read`. */
export type EngineCall =
  | `store.${keyof SessionStore}`
  | `accounts.${keyof Accounts}`
  | `numbers.${keyof LoginNumbers}`
  | `changes.${keyof Changes}`

/** Engines that a test can look at, hold and break, call by call. */
export type Watched = {
  engines: Engines
  /** Every call so far, in order. */
  calls: EngineCall[]
  /** Stands around each call; a test replaces it to wait, or to throw, before or after `work`. */
  around: (call: EngineCall, work: () => Promise<unknown>) => Promise<unknown>
}

/** These ask nobody, give what asks later, or are asked in the background every second: they are not counted. */
const NOT_ASKING: ReadonlySet<string> = new Set([
  ...['now', 'histories', 'change', 'dispute', 'delete'],
  ...['openFor', 'forgetSome'],
])

/** Puts a watch on real engines. */
export function watchEngines(engines: Engines): Watched {
  const watched: Watched = { engines, calls: [], around: (_call, work) => work() }

  function watch<T extends object>(name: string, engine: T): T {
    const entries = Object.entries(engine).map(([method, work]) => {
      if (NOT_ASKING.has(method)) return [method, work]
      const call = `${name}.${method}` as EngineCall
      return [method, (...args: unknown[]) => note(call, async () => work(...args))]
    })
    return Object.fromEntries(entries) as T
  }

  async function note<R>(call: EngineCall, work: () => Promise<R>): Promise<R> {
    watched.calls.push(call)
    return (await watched.around(call, work)) as R // what `around` gives instead is the test's business
  }

  const { numbers } = engines
  watched.engines = {
    ...engines,
    accounts: watch('accounts', engines.accounts),
    store: watch('store', engines.store),
    numbers: {
      ...numbers,
      numbers: watch('numbers', numbers.numbers),
      changes: watch('changes', numbers.changes),
    },
    // What is assembled asks it directly for one thing only: to close changes and tell of them.
    db: {
      ...engines.db,
      transaction: (work) => note('changes.close', () => engines.db.transaction(work)),
    },
  }
  return watched
}
