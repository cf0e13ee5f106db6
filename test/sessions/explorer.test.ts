import t from 'tap'
import { openThread } from '../support/thread.ts'
import type { Report } from './explorer/explore.ts'
import type { Plan, Scenario } from './explorer/scenario.ts'
import type { Exploration } from './explorer/worker.ts'

// The core as it is, over a store and SQL whose every command waits until it is scheduled, in every order there is. What can
// go wrong between two commands goes wrong here; what can go wrong inside one is for the stores' own tests.

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
const demoted: Plan = { kind: 'fault', name: 'store', fault: 'store demoted' }
const another: Plan = { kind: 'fault', name: 'another', fault: 'another leads' }
const firstAgain: Plan = { kind: 'fault', name: 'first', fault: 'first leads again' }
const sqlRollback: Plan = { kind: 'fault', name: 'sql', fault: 'SQL rolled back' }

/** The policy, how many are signed in, and who does what. */
type Scene = [policy: Scenario['policy'], signedIn: number, ...actors: Plan[]]

const SCENES: Record<string, Scene> = {
  'two logins, a late logout': [ONE, 1, a, b, logout('s1')],
  'two logins, the store rolled back': [ONE, 1, a, b, rollback],
  'a login, a late logout, the store rolled back': [ONE, 1, a, logout('s1'), rollback],
  'a login, its logout, the store rolled back': [ONE, 1, a, logout('a'), rollback],
  'two first logins, a request': [ONE, 0, a, b, request('a')],
  'two first logins, the store rolled back': [ONE, 0, a, b, rollback],
  'two first logins, the store emptied': [ONE, 0, a, b, flush],
  'two logins, SQL rolled back': [ONE, 1, a, b, sqlRollback],
  'a login, a late logout, a restart': [ONE, 1, a, logout('s1'), restart],
  'a login, a request, a logout': [ONE, 1, a, request('s1'), logout('s1')],
  'a login, a request, the store rolled back': [ONE, 1, a, request('s1'), rollback],
  'a request, a logout, the store rolled back': [ONE, 1, request('s1'), logout('s1'), rollback],
  'two logins of a browser that has a session': [ONE, 1, again('a'), again('b')],
  'two sessions, a login, a logout': [TWO, 2, a, logout('s1')],
  'two sessions, a login, the store rolled back': [TWO, 2, a, rollback],
  'two sessions, a logout, the store rolled back': [TWO, 2, logout('s2'), rollback],
  'two sessions, a logout twice, a restart': [
    TWO,
    2,
    logout('s2', 'once'),
    logout('s2', 'twice'),
    restart,
  ],
  'a login that is refused, two logins': [REFUSE, 0, a, b],
  'a login that is refused, a logout, a restart': [REFUSE, 1, a, logout('s1'), restart],
  'two logins that choose the same session, a restart': [ASK, 1, choose('a'), choose('b'), restart],
  'a login, another password, a restart': [ONE, 1, a, password, restart],
  'another password, the store rolled back': [TWO, 2, password, rollback],
  'two sessions, a login, other roles': [TWO, 2, a, roles],
  'other roles, a request, a restart': [ONE, 1, roles, request('s1'), restart],
  'a login, the account disabled': [ONE, 1, a, disable],
  'the account disabled, the store rolled back': [ONE, 1, disable, rollback],
  'a first login, the account disabled, a request': [ONE, 0, a, disable, request('a')],
  'a first login, other roles': [ONE, 0, a, roles],
  'a login, everybody signed out': [ONE, 1, a, revoke],
  'everybody signed out, the store rolled back': [TWO, 2, revoke, rollback],
  'another password, everybody signed out': [ONE, 1, password, revoke],
  'another password, a logout': [ONE, 1, password, logout('s1')],
  'everybody signed out, a logout': [TWO, 2, revoke, logout('s1')],
  'a login, other roles, the store demoted and promoted again': [ONE, 1, a, roles, demoted],
  'a logout, other roles, the store demoted and promoted again': [TWO, 2, logout('s1'), roles, demoted],
  'a login, another server leads, and the first again': [ONE, 1, a, another, firstAgain],
  'a login, other roles, another server leads, and the first again': [
    ONE,
    1,
    a,
    roles,
    another,
    firstAgain,
  ],
  'a logout, another server leads, and the first again': [TWO, 2, logout('s1'), another, firstAgain],
  'the account disabled, SQL rolled back': [ONE, 1, disable, sqlRollback],
  'another password, SQL rolled back': [TWO, 2, password, sqlRollback],
}

for (const [title, scene] of Object.entries(SCENES)) {
  t.test(`no order of steps breaks a promise: ${title}`, async (t) => {
    const { violation, states } = await explore(scene)
    t.equal(violation, null)
    t.ok(states > 2)
    t.comment(`${states} states`)
  })
}

t.test('nor does an answer that is lost on the way', async (t) => {
  const losesAnswer = true
  t.equal((await explore([ONE, 1, a, logout('s1')], { losesAnswer })).violation, null)
  t.equal((await explore([ONE, 1, a, rollback], { losesAnswer })).violation, null)
})

/** What is left out, and the scene in which that breaks a promise. */
const FLAWS: Record<string, [Scenario['flaws'] & object, Scene, promise: string]> = {
  'a store that does not compare': [{ compare: false }, [ONE, 1, a, b], 'b is told nothing'],
  'sessions without the fence': [
    { fence: false },
    [ONE, 1, a, rollback],
    's1 is accepted, and was over before',
  ],
  'numbers that SQL does not keep': [
    { numbers: false },
    [ONE, 1, logout('s1'), rollback],
    's1 is accepted, and was over before',
  ],
  'a swap that does not look at the history': [
    { fencedSwap: false },
    [ONE, 1, a, roles, demoted],
    's1 is accepted, and was over before',
  ],
  'a number that is raised under a history that was left': [
    { fencedRaise: false },
    [ONE, 1, a, roles, another, firstAgain],
    's1 is accepted, and was over before',
  ],
}

for (const [title, [flaws, scene, promise]] of Object.entries(FLAWS)) {
  t.test(`the explorer finds it: ${title}`, async (t) => {
    const { violation } = await explore(scene, { flaws }, 'shortest')
    t.match(violation, { promise })
    t.comment(violation?.story.join('\n'))
  })
}

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
