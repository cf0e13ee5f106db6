import t from 'tap'
import type { History, Op } from './history.ts'
import { findViolations } from './rules.ts'

// Histories written by hand: each rule is seen to hold for a history that is just allowed, and to be broken by its neighbour.

/** An operation of ann; `at` is when it began and ended. */
function op(type: Op['type'], sid: string | null, at: [number, number], more: Partial<Op> = {}): Op {
  const cookies = type === 'login' && more.res === undefined ? 1 : 0
  const who = type === 'login' || type === 'me' ? 'ann' : null
  const [t0, t1] = at
  return {
    type,
    user: 'ann',
    instance: 0,
    sid,
    who,
    t0,
    t1,
    code: 200,
    reason: null,
    res: 'ok',
    cookies,
    ...more,
  }
}

const denied = { res: 'denied', code: 401, who: null } as const
const unknown = { res: 'info', code: 503, who: null, cookies: 0 } as const

function broken(...ops: Op[]): string[] {
  const history: History = { ops, windows: [], idleTimeout: 1_000, absoluteTimeout: 5_000 }
  return findViolations(history).map(({ rule }) => rule)
}

t.test('one session after the other, each until the next, is how it should be', async (t) => {
  t.same(
    broken(
      op('login', 'a', [0, 10]),
      op('me', 'a', [20, 30]),
      op('login', 'b', [40, 60]),
      op('me', 'a', [70, 80], denied),
      op('me', 'b', [70, 80]),
      op('logout', 'b', [90, 95]),
      op('me', 'b', [100, 110], denied),
    ),
    [],
  )
})

t.test('ISSUED: a cookie that no login gave is not accepted', async (t) => {
  t.same(broken(op('me', 'forged', [0, 10], denied)), [])
  t.same(broken(op('me', 'forged', [0, 10])), ['ISSUED'])
})

t.test('IDENTITY: everybody is who signed in', async (t) => {
  t.same(broken(op('login', 'a', [0, 10]), op('me', 'a', [20, 30], { who: 'bob' })), ['IDENTITY'])
  t.same(broken(op('login', 'a', [0, 10], { who: 'bob' })), ['IDENTITY'])
})

t.test(
  'UNIQUE, ONECOOKIE: a login gives one cookie, a new one, and nothing else gives any',
  async (t) => {
    t.same(broken(op('login', 'a', [0, 10]), op('login', 'a', [20, 30])), ['UNIQUE'])
    t.same(broken(op('login', 'a', [0, 10], { cookies: 2 })), ['ONECOOKIE'])
    t.same(broken(op('login', 'a', [0, 10]), op('me', 'a', [20, 30], { cookies: 1 })), ['ONECOOKIE'])
  },
)

t.test('KICK: an older session is not accepted after a newer login was acknowledged', async (t) => {
  const logins = [op('login', 'a', [0, 10]), op('login', 'b', [20, 40])]
  t.same(broken(...logins, op('me', 'a', [39, 60])), [], 'it had begun before')
  t.same(broken(...logins, op('me', 'a', [41, 60])), ['KICK', 'ORDER'])
  t.same(
    broken(op('login', 'a', [0, 10]), op('login', null, [20, 40], unknown), op('me', 'a', [41, 60])),
    [],
  )
  t.same(broken(op('login', 'a', [0, 10]), op('revoke', null, [20, 40]), op('me', 'a', [41, 60])), [
    'KICK',
  ])
})

t.test('LOGOUT: nothing is accepted after its logout was acknowledged', async (t) => {
  const before = [op('login', 'a', [0, 10]), op('logout', 'a', [20, 40])]
  t.same(broken(...before, op('me', 'a', [39, 60])), [])
  t.same(broken(...before, op('me', 'a', [41, 60])), ['LOGOUT'])
})

t.test('RESURRECT: what was refused stays refused', async (t) => {
  const login = op('login', 'a', [0, 10])
  t.same(broken(login, op('me', 'a', [20, 40], denied), op('me', 'a', [39, 60])), [])
  t.same(broken(login, op('me', 'a', [20, 40], denied), op('me', 'a', [41, 60])), ['RESURRECT'])
  t.same(broken(login, op('me', 'a', [20, 40], unknown), op('me', 'a', [41, 60])), [])
})

t.test('ORDER: of two simultaneous logins one came first, for everybody', async (t) => {
  const logins = [op('login', 'a', [0, 100]), op('login', 'b', [0, 100])]
  t.same(broken(...logins, op('me', 'b', [10, 20]), op('me', 'a', [110, 120])), [], 'b, then a')
  t.same(broken(...logins, op('me', 'b', [110, 120]), op('me', 'a', [110, 120])), ['ORDER'])
})

t.test('IDLE: a session that was not used in time is over, whoever asks', async (t) => {
  const login = op('login', 'a', [0, 10])
  t.same(broken(login, op('me', 'a', [1_000, 1_010]), op('me', 'a', [2_000, 2_010])), [])
  t.same(broken(login, op('me', 'a', [1_200, 1_210])), ['IDLE'])
  t.same(broken(login, op('me', 'a', [500, 510], unknown), op('me', 'a', [1_200, 1_210])), [])
})

t.test('ABSOLUTE: use does not make it last for ever', async (t) => {
  const uses = Array.from({ length: 10 }, (_, i) => op('me', 'a', [600 * (i + 1), 600 * (i + 1) + 10]))
  t.same(broken(op('login', 'a', [0, 10]), ...uses.slice(0, 8)), [])
  t.same(broken(op('login', 'a', [0, 10]), ...uses.slice(0, 9)), ['ABSOLUTE'])
})

t.test('ROLE: what a role opens is closed when its withdrawal was acknowledged', async (t) => {
  const login = op('login', 'a', [0, 10])
  const granted = op('grant', null, [20, 30])
  const withdrawn = op('withdraw', null, [40, 60])
  t.same(broken(login, granted, withdrawn, op('admin', 'a', [59, 70])), [])
  t.same(broken(login, granted, withdrawn, op('admin', 'a', [61, 70])), ['ROLE'])
  t.same(broken(login, granted, withdrawn, op('grant', null, [62, 70]), op('admin', 'a', [61, 70])), [])
  t.same(broken(login, withdrawn, op('admin', 'a', [61, 70], { code: 403, res: 'fail' })), [])
})

t.test('a session is accepted also where only its role was not', async (t) => {
  const lacking = op('admin', 'a', [41, 60], { code: 403, res: 'fail' })
  t.same(broken(op('login', 'a', [0, 10]), op('logout', 'a', [20, 40]), lacking), ['LOGOUT'])
})
