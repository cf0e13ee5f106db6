import t from 'tap'
import { openThread } from '../support/thread.ts'
import type { Report } from './explorer/explore.ts'
import type { Plan, Scenario } from './explorer/scenario.ts'
import type { Exploration } from './explorer/worker.ts'

// The keeper as it is, over a store and SQL whose every command waits for its turn, in every order there is. What can go
// wrong between two commands goes wrong here; what can go wrong inside one is for the engines' own tests.

const ask = openThread<Exploration, Report>(t, new URL('./explorer/worker.ts', import.meta.url))
t.setTimeout(120_000) // seconds on a machine of its own, more on a busy one

const ONE = { limit: 1, onLimit: 'replace', refuseWhileSeen: 0 } as const
const TWO = { ...ONE, limit: 2 } as const
const REFUSE = { ...ONE, onLimit: 'refuse', refuseWhileSeen: 60_000 } as const
const ASK = { ...ONE, onLimit: 'ask' } as const

const [a, b] = [login('a'), login('b')]
const password: Plan = { kind: 'password', name: 'p', of: 's1' }
const roles: Plan = { kind: 'roles', name: 'roles' }
const disable: Plan = { kind: 'disable', name: 'disable' }
const revoke: Plan = { kind: 'revoke', name: 'revoke' }
const rollback: Plan = { kind: 'fault', name: 'store', fault: 'store rolled back' }
const flush: Plan = { kind: 'fault', name: 'store', fault: 'store emptied' }
const restart: Plan = { kind: 'fault', name: 'store', fault: 'store restarted' }
const sqlRollback: Plan = { kind: 'fault', name: 'sql', fault: 'SQL rolled back' }

/** The policy, how many are signed in, and who does what. */
type Scene = [policy: Scenario['policy'], signedIn: number, ...actors: Plan[]]

const SCENES: Record<string, Scene> = {
  'two logins, a late logout, the store rolled back': [ONE, 1, a, b, logout('s1'), rollback],
  'two logins, a logout of one of them, the store rolled back': [ONE, 1, a, b, logout('a'), rollback],
  'two first logins, a request, the store rolled back': [ONE, 0, a, b, request('a'), rollback],
  'two first logins, a request, the store emptied': [ONE, 0, a, b, request('a'), flush],
  'two logins, SQL rolled back': [ONE, 1, a, b, sqlRollback],
  'a login, a late logout, a restart': [ONE, 1, a, logout('s1'), restart],
  'a login, a request, a logout': [ONE, 1, a, request('s1'), logout('s1')],
  'a request, a logout, the store rolled back': [ONE, 1, request('s1'), logout('s1'), rollback],
  'two logins of a browser that has a session, a request': [
    ONE,
    1,
    again('a'),
    again('b'),
    request('s1'),
  ],
  'two seats, two logins, a logout': [TWO, 2, a, b, logout('s1')],
  'two seats, a login, a logout, the store rolled back': [TWO, 2, a, logout('s2'), rollback],
  'two seats, a logout twice, a restart': [TWO, 2, logout('s2', 'once'), logout('s2', 'twice'), restart],
  'a seat that is refused, two logins, a request': [REFUSE, 0, a, b, request('a')],
  'a seat that is refused, a login, a logout, a restart': [REFUSE, 1, a, logout('s1'), restart],
  'a seat that is asked for twice, a restart': [ASK, 1, choose('a'), choose('b'), restart],
  'a login, another password, the store rolled back': [ONE, 1, a, password, rollback],
  'two seats, a login, another password, a restart': [TWO, 2, a, password, restart],
  'two seats, a login, other roles, a restart': [TWO, 2, a, roles, restart],
  'a login, the account disabled, the store rolled back': [ONE, 1, a, disable, rollback],
  'a first login, the account disabled, a request': [ONE, 0, a, disable, request('a')],
  'a login, everybody signed out, the store rolled back': [ONE, 1, a, revoke, rollback],
  'another password, everybody signed out, a logout': [ONE, 1, password, revoke, logout('s1')],
}

for (const [title, scene] of Object.entries(SCENES)) {
  t.test(`no order of steps breaks a promise: ${title}`, async (t) => {
    const { violation, states } = await explore(scene)
    t.equal(violation, null)
    t.ok(states > 50)
    t.comment(`${states} states`)
  })
}

t.test('nor does an answer that is lost on the way', async (t) => {
  const losesAnswer = true
  t.equal((await explore([ONE, 1, a, b, logout('s1')], { losesAnswer })).violation, null)
  t.equal((await explore([ONE, 1, a, b, rollback], { losesAnswer })).violation, null)
})

t.test('a store that does not compare is caught: a late logout overwrites the winner', async (t) => {
  const scene: Scene = [ONE, 1, a, logout('s1')]
  const { violation } = await explore(scene, { flaws: { compare: false } }, 'shortest')
  t.strictSame(violation, {
    promise: 'a is told nothing',
    story: [
      'logout reads number 1 [run 0] s1 live',
      'logout takes number 2',
      'logout reads number 1 [run 0] s1 live',
      'a reads number 1 [run 0] s1 live',
      'a takes number 3',
      'a reads number 1 [run 0] s1 live',
      'a writes number 3 [run 0] a live, s1 session_replaced',
      'a is answered: signed in under number 3',
      'logout writes number 2 [run 0] s1 logged_out',
      'logout is answered: done',
    ],
  })
})

t.test(
  'a keeper without its fence is caught: a rollback brings the replaced session back',
  async (t) => {
    const scene: Scene = [ONE, 1, a, rollback]
    const { violation } = await explore(scene, { flaws: { fence: false } }, 'shortest')
    t.strictSame(violation, {
      promise: 's1 is accepted, and was over before',
      story: [
        'a reads number 1 [always the same] s1 live',
        'a takes number 2',
        'a reads number 1 [always the same] s1 live',
        'a writes number 2 [always the same] a live, s1 session_replaced',
        'a is answered: signed in under number 2',
        '(store rolled back)',
      ],
    })
  },
)

t.test('a number that SQL does not keep is caught: a rollback undoes a logout', async (t) => {
  const scene: Scene = [ONE, 1, logout('s1'), rollback]
  const { violation } = await explore(scene, { flaws: { numbers: false } }, 'shortest')
  t.match(violation, { promise: 's1 is accepted, and was over before' })
})

async function explore(
  [policy, signedIn, ...actors]: Scene,
  more: Partial<Scenario> = {},
  search: 'all' | 'shortest' = 'all',
): Promise<Report> {
  return ask({ scenario: { policy, signedIn, actors, ...more }, search })
}

function login(name: string, more: { presents?: string; replace?: string } = {}): Plan {
  return { kind: 'login', name, ...more }
}

function choose(name: string): Plan {
  return login(name, { replace: 's1' })
}

function again(name: string): Plan {
  return login(name, { presents: 's1' })
}

function logout(of: string, name = 'logout'): Plan {
  return { kind: 'logout', name, of }
}

function request(of: string): Plan {
  return { kind: 'request', name: 'request', of }
}
