import fc from 'fast-check'

/** One thing that somebody does. `user` and `browser` are indices; `pick` chooses among what is there then. */
export type Step =
  | { do: 'login'; user: number; browser: number; name: 'nobody' | 'live' | 'any' | null; pick: number }
  | { do: 'request' | 'logout' | 'dispute' | 'password'; browser: number }
  | { do: 'wait'; ms: number }
  | { do: 'revoke'; user: number; pick: number }
  | { do: 'revokeAll' | 'list' | 'staleLogin'; user: number }
  | { do: 'roles'; user: number; roles: string[] }
  | { do: 'disable'; user: number; disabled: boolean }
  | { do: 'settings'; limit: number; staffLimit: number; onLimit: 'replace' | 'refuse' | 'ask' }

export const USERS = 2
export const BROWSERS = 5

const user = fc.nat(USERS - 1)
const browser = fc.nat(BROWSERS - 1)
const pick = fc.nat(20)
const MINUTE = 60_000

/** Any step; what happens often in life happens often here. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant('login' as const),
      user,
      browser,
      name: fc.constantFrom('nobody' as const, 'live' as const, 'any' as const, null, null),
      pick,
    }),
  },
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constantFrom('request', 'request', 'logout', 'dispute', 'password'),
      browser,
    }),
  },
  {
    weight: 15,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 59_999, MINUTE, 5 * MINUTE, 29 * MINUTE, 30 * MINUTE, 200 * MINUTE),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('revoke' as const), user, pick }) },
  {
    weight: 9,
    arbitrary: fc.record({ do: fc.constantFrom('revokeAll', 'list', 'staleLogin'), user }),
  },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('roles' as const),
      user,
      roles: fc.constantFrom<string[]>([], ['staff'], ['staff', 'editor']),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('disable' as const), user, disabled: fc.boolean() }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('settings' as const),
      limit: fc.integer({ min: 1, max: 3 }),
      staffLimit: fc.integer({ min: 1, max: 4 }),
      onLimit: fc.constantFrom('replace', 'refuse', 'ask'),
    }),
  },
)
