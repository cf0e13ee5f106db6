import t from 'tap'
import { broken, denied, op, shown, unknown } from './made-up.ts'

// Histories written by hand: each rule is seen to hold for a history that is just allowed, and to be broken by its neighbour.
// Those about what an answer says are in `reasons.test.ts`.

const three = { policy: { limit: 3, onLimit: 'replace', refuseWhileSeen: 0 } } as const
const abcd = ['a', 'b', 'c', 'd'].map((name, i) => op('login', name, [20 * i, 20 * i + 10]))

t.test('one session after the other, each until the next, is how it should be', async (t) => {
  t.same(
    broken([
      op('login', 'a', [0, 10]),
      op('me', 'a', [20, 30]),
      op('login', 'b', [40, 60]),
      op('me', 'a', [70, 80], denied('session_replaced', 'b')),
      op('me', 'b', [70, 80]),
      op('logout', 'b', [90, 95]),
      op('me', 'b', [100, 110], denied('logged_out')),
    ]),
    [],
  )
})

t.test('ISSUED: a cookie that no login gave is not accepted', async (t) => {
  t.same(broken([op('me', 'forged', [0, 10], denied('unauthenticated'))]), [])
  t.same(broken([op('me', 'forged', [0, 10])]), ['ISSUED'])
})

t.test('IDENTITY: everybody is who signed in', async (t) => {
  t.same(broken([op('login', 'a', [0, 10]), op('me', 'a', [20, 30], { who: 'bob' })]), ['IDENTITY'])
  t.same(broken([op('login', 'a', [0, 10], { who: 'bob' })]), ['IDENTITY'])
})

t.test(
  'UNIQUE, ONECOOKIE: a login gives one cookie, a new one, and nothing else but a change of password gives any',
  async (t) => {
    const login = op('login', 'a', [0, 10])
    t.same(broken([login, op('login', 'a', [20, 30])]), ['UNIQUE'])
    t.same(broken([op('login', 'a', [0, 10], { cookies: 2 })]), ['ONECOOKIE'])
    t.same(broken([login, op('me', 'a', [20, 30], { cookies: 1 })]), ['ONECOOKIE'])
    t.same(broken([login, op('password', 'a', [20, 30], { issued: 'b' }), op('me', 'b', [40, 50])]), [])
  },
)

t.test('KICK: an older session is not accepted after a newer login was acknowledged', async (t) => {
  const logins = [op('login', 'a', [0, 10]), op('login', 'b', [20, 40])]
  t.same(broken([...logins, op('me', 'a', [39, 60])]), [], 'it had begun before')
  t.same(broken([...logins, op('me', 'a', [41, 60])]), ['KICK', 'ORDER', 'SEATS'])
  t.same(
    broken([op('login', 'a', [0, 10]), op('login', null, [20, 40], unknown), op('me', 'a', [41, 60])]),
    [],
  )
})

t.test('KICK: with three seats, nor after a login that lists it, or that brought it', async (t) => {
  const { policy } = three
  const [a, b, c, d] = abcd as [(typeof abcd)[0], (typeof abcd)[0], (typeof abcd)[0], (typeof abcd)[0]]
  const late = op('me', 'a', [71, 80])
  t.same(broken([a, b, c, d, late], { policy }), [], 'the others may have ended meanwhile')
  t.same(broken([a, b, c, { ...d, listed: [shown('a')] }, late], { policy }), ['KICK'])
  t.same(broken([a, { ...d, sid: 'a' }, late], { policy }), ['KICK'])

  const other = op('login', 'b', [20, 40], { listed: [shown('a')] })
  const use = op('me', 'a', [61, 70])
  const [begun, keyed] = [op('login', 'a', [0, 50]), { mayRepeat: true }]
  t.same(broken([begun, other, use], { policy }), ['KICK'])
  t.same(broken([{ ...begun, ...keyed }, other, use], { policy }), [], 'it was made once more')
  const done = op('login', 'a', [0, 10], keyed)
  t.same(broken([done, other, use], { policy }), ['KICK'], 'not after its answer')
})

t.test('LOGOUT: nothing is accepted after its logout was acknowledged', async (t) => {
  const before = [op('login', 'a', [0, 10]), op('logout', 'a', [20, 40])]
  t.same(broken([...before, op('me', 'a', [39, 60])]), [])
  t.same(broken([...before, op('me', 'a', [41, 60])]), ['LOGOUT'])
})

t.test('REVOKE: nor after it was ended from elsewhere, alone or with all others', async (t) => {
  const login = op('login', 'a', [0, 10])
  for (const revoke of [
    op('revoke', null, [20, 40]),
    op('end', null, [20, 40], { target: 'id of a' }),
  ]) {
    t.same(broken([login, revoke, op('me', 'a', [39, 60])]), [])
    t.same(broken([login, revoke, op('me', 'a', [41, 60])]), ['REVOKE'])
    t.same(broken([login, { ...revoke, res: 'fail', code: 404 }, op('me', 'a', [41, 60])]), [])
  }
})

t.test('DISPUTE: nor after the device that it replaced said that this was not its owner', async (t) => {
  const before = [
    op('login', 'a', [0, 10]),
    op('login', 'b', [20, 30]),
    op('me', 'a', [40, 50], denied('session_replaced', 'b')),
  ]
  const dispute = op('dispute', 'a', [60, 70], { code: 202 })
  t.same(broken([...before, dispute, op('me', 'b', [69, 80])]), [])
  t.same(broken([...before, dispute, op('me', 'b', [71, 80])]), ['DISPUTE'])
  t.same(broken([...before, dispute, op('login', 'c', [75, 80]), op('me', 'c', [81, 90])]), [])
})

t.test('RESURRECT: what was refused stays refused', async (t) => {
  const before = [op('login', 'a', [0, 10]), op('logout', 'a', [15, 100], unknown)]
  const no = op('me', 'a', [20, 40], denied())
  t.same(broken([...before, no, op('me', 'a', [39, 60])]), [])
  t.same(broken([...before, no, op('me', 'a', [41, 60])]), ['RESURRECT'])
  t.same(broken([...before, op('me', 'a', [20, 40], unknown), op('me', 'a', [41, 60])]), [])
  const said = op('ended', 'a', [20, 40], denied())
  t.same(broken([...before, said, op('me', 'a', [41, 60])]), ['RESURRECT'], 'by a stream')
})

t.test('what was put back may be accepted for a moment, and no longer', async (t) => {
  const ops = [op('login', 'a', [0, 10]), op('logout', 'a', [20, 40]), op('me', 'a', [50, 60])]
  t.same(broken(ops, { believed: [{ from: 45, to: 50 }] }), [])
  t.same(broken(ops, { believed: [{ from: 45, to: 49 }] }), ['LOGOUT'])
})

t.test('SEATS: there are never more sessions than seats', async (t) => {
  const { policy } = three
  const all = (names: string[]) => names.map((name) => op('me', name, [81, 90]))
  t.same(broken([...abcd, ...all(['b', 'c', 'd'])], { policy }), [])
  t.same(broken([...abcd, ...all(['a', 'b', 'c', 'd'])], { policy }), ['SEATS'])
  const together = ['a', 'b', 'c', 'd'].map((name) => op('login', name, [0, 50]))
  t.same(broken([...together, ...all(['a', 'b', 'c'])], { policy }), [])
  t.match(broken([...together, ...all(['a', 'b', 'c', 'd'])], { policy }), ['SEATS'])
  const listed = ['a', 'b', 'c'].map(shown)
  t.same(broken([...abcd, op('sessions', 'd', [81, 90], { listed })], { policy }), ['SEATS'])
})

t.test('LIST: a list shows sessions of that user only, and no more than there are seats', async (t) => {
  const list = (...names: string[]) =>
    broken([op('login', 'a', [0, 10]), op('sessions', 'a', [20, 30], { listed: names.map(shown) })])
  t.same(list('a'), [])
  t.same(list('z'), ['LIST'])
  t.same(list('a', 'a'), ['LIST'])
})

t.test('ORDER: of two simultaneous logins one came first, for everybody', async (t) => {
  const logins = [op('login', 'a', [0, 100]), op('login', 'b', [0, 100])]
  t.same(broken([...logins, op('me', 'b', [10, 20]), op('me', 'a', [110, 120])]), [], 'b, then a')
  t.same(broken([...logins, op('me', 'b', [110, 120]), op('me', 'a', [110, 120])]), [
    'ORDER',
    'SEATS',
    'SEATS',
  ])
})

t.test('IDLE: a session that was not used in time is over, whoever asks', async (t) => {
  const login = op('login', 'a', [0, 10])
  t.same(broken([login, op('me', 'a', [1_000, 1_010]), op('me', 'a', [2_000, 2_010])]), [])
  t.same(broken([login, op('me', 'a', [1_200, 1_210])]), ['IDLE'])
  t.same(broken([login, op('me', 'a', [500, 510], unknown), op('me', 'a', [1_200, 1_210])]), [])
})

t.test('ABSOLUTE: use does not make it last for ever', async (t) => {
  const uses = Array.from({ length: 10 }, (_, i) => op('me', 'a', [600 * (i + 1), 600 * (i + 1) + 10]))
  t.same(broken([op('login', 'a', [0, 10]), ...uses.slice(0, 8)]), [])
  t.same(broken([op('login', 'a', [0, 10]), ...uses.slice(0, 9)]), ['ABSOLUTE'])
})

t.test('ABSOLUTE: nor does a change of password', async (t) => {
  const changes = Array.from({ length: 9 }, (_, i) =>
    op('password', `p${i}`, [600 * (i + 1), 600 * (i + 1) + 10], { issued: `p${i + 1}`, password: 'x' }),
  )
  const login = op('login', 'p0', [0, 10])
  t.same(broken([login, ...changes.slice(0, 8)]), [])
  t.same(broken([login, ...changes]), ['ABSOLUTE'])
})

t.test('ROLE: what a role opens is closed when its withdrawal was acknowledged', async (t) => {
  const login = op('login', 'a', [0, 10])
  const granted = op('grant', null, [20, 30])
  const withdrawn = op('withdraw', null, [40, 60])
  t.same(broken([login, granted, withdrawn, op('admin', 'a', [59, 70])]), [])
  t.same(broken([login, granted, withdrawn, op('admin', 'a', [61, 70])]), ['ROLE'])
  t.same(
    broken([login, granted, withdrawn, op('grant', null, [62, 70]), op('admin', 'a', [61, 70])]),
    [],
  )
  const lacking = { code: 403, res: 'fail', reason: 'forbidden' } as const
  t.same(broken([login, withdrawn, op('admin', 'a', [61, 70], lacking)]), [])
  t.same(
    broken([
      op('login', 'a', [0, 10]),
      op('logout', 'a', [20, 40]),
      op('admin', 'a', [41, 60], lacking),
    ]),
    ['LOGOUT'],
    'a session is accepted also where only its role was not',
  )
})

t.test(
  'DISABLED: a disabled account lets nobody in, and what it ended does not come back',
  async (t) => {
    const login = op('login', 'a', [0, 10])
    const disabled = op('disable', null, [20, 40])
    t.same(broken([login, disabled, op('me', 'a', [39, 60])]), [])
    t.same(broken([login, disabled, op('me', 'a', [41, 60])]), ['DISABLED', 'DISABLED'])
    t.same(broken([disabled, op('login', 'b', [41, 60])]), ['DISABLED'])
    const enabled = op('enable', null, [50, 60])
    t.same(broken([disabled, enabled, op('login', 'b', [41, 60])]), [])
    t.same(broken([login, disabled, enabled, op('me', 'a', [70, 80])]), ['DISABLED'])
    const lost = { records: false, sql: true, numbers: false }
    t.same(broken([disabled, op('login', 'b', [41, 60])], { lost }), [], 'SQL may have forgotten it')
    t.same(broken([login, disabled, op('me', 'a', [41, 60])], { lost }), ['DISABLED'])
  },
)

t.test('PASSWORD: a change ends every other session, and the old password opens nothing', async (t) => {
  const login = op('login', 'a', [0, 10])
  const { policy } = three
  const change = op('password', 'b', [20, 40], { issued: 'c', password: 'second' })
  const logins = [login, op('login', 'b', [12, 15]), change]
  t.same(broken([...logins, op('me', 'a', [39, 60]), op('me', 'c', [41, 60])], { policy }), [])
  t.same(broken([...logins, op('me', 'a', [41, 60])], { policy }), ['PASSWORD'])
  t.same(broken([...logins, op('me', 'b', [41, 60])], { policy }), ['PASSWORD'])
  t.same(broken([...logins, op('login', 'd', [41, 60])], { policy }), ['PASSWORD'])
  t.same(broken([...logins, op('login', 'd', [41, 60], { password: 'second' })], { policy }), [])
})

t.test('STREAM: a stream says soon that its session has ended', async (t) => {
  const before = [op('login', 'a', [0, 10]), op('logout', 'a', [100, 200])]
  t.same(broken([...before, op('ended', 'a', [20, 3_100])]), [], 'it was closed')
  t.same(broken([...before, op('ended', 'a', [20, 3_300])]), ['STREAM'])
  t.same(broken([...before, op('ended', 'a', [20, 150], denied())]), [])
  const renewed = op('password', 'a', [50, 60], { issued: 'b' })
  const open = op('ended', 'a', [20, 3_300])
  t.same(broken([op('login', 'a', [0, 10]), renewed, open]), [], 'the session goes on')
  const out = op('logout', 'b', [100, 200])
  t.same(broken([op('login', 'a', [0, 10]), renewed, out, open]), ['STREAM'], 'until it ends')
  const windows = [{ from: 300, to: 400 }]
  t.same(broken([...before, op('ended', 'a', [20, 3_300])], { windows }), [])
  t.same(broken([...before, op('ended', 'a', [20, 7_000])], { windows }), ['STREAM'])
  t.same(broken([...before, op('ended', 'a', [20, 3_300])], { tellsOthers: false }), [])
  t.same(broken([...before, op('ended', 'a', [20, 7_000])], { tellsOthers: false }), ['STREAM'])
})

t.test('BUG: a 500 is one', async (t) => {
  t.same(broken([op('me', 'a', [0, 10], { code: 500, res: 'info' })]), ['BUG'])
})
