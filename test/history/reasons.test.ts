import t from 'tap'
import type { History, Op } from './history.ts'
import { broken, denied, op, shown, unknown } from './made-up.ts'

// The rules about what an answer says: each is seen to hold for a history that is just allowed, and to be broken by its neighbour.

const login = op('login', 'a', [0, 10])

/** What is broken if the session is refused for this reason at 300, after these operations. */
function told(reason: string, ops: readonly Op[] = [], more: Partial<History> = {}): string[] {
  return broken([login, ...ops, op('me', 'a', [300, 310], denied(reason))], more)
}

function toldBy(by: string | null, ops: readonly Op[] = [], more: Partial<History> = {}): string[] {
  return broken([login, ...ops, op('me', 'a', [300, 310], denied('session_replaced', by))], more)
}

t.test('session_replaced: a later login, which is named', async (t) => {
  const b = op('login', 'b', [20, 30])
  t.same(toldBy('b', [b]), [])
  t.same(toldBy(null, [b]), ['REASON'], 'it says by whom')
  t.same(toldBy('z', [b]), ['REASON'], 'by somebody who signed in')
  t.same(toldBy('b', [op('login', 'b', [320, 330])]), ['REASON'], 'before that')
  t.same(
    broken([
      op('login', 'b', [-20, -10]),
      login,
      op('me', 'a', [300, 310], denied('session_replaced', 'b')),
    ]),
    ['REASON'],
    'and after the session began',
  )
  t.same(toldBy('b', [{ ...b, session: { ...shown('b'), createdAt: 1 } }]), ['REASON'], 'at that time')
  const lost = op('login', null, [20, 30], { ...unknown, device: 'b' })
  const at = (ms: number) => {
    const replacedBy = { device: 'b', at: performance.timeOrigin + ms }
    const no = op('me', 'a', [300, 310], { ...denied('session_replaced'), replacedBy })
    return broken([login, lost, no])
  }
  t.same(at(25), [], 'the answer of which may have got lost')
  t.same(at(25 + 60_000), ['REASON'])
})

t.test('session_replaced: by as many as take all seats, or by one that meant it', async (t) => {
  const policy = { limit: 3, onLimit: 'replace', refuseWhileSeen: 0 } as const
  const others = ['b', 'c', 'd'].map((name, i) => op('login', name, [20 * i + 20, 20 * i + 30]))
  const [b, c] = others as [Op, Op]
  t.same(toldBy('d', others, { policy }), [])
  t.same(toldBy('c', [b, c], { policy }), ['REASON'])
  t.same(toldBy('c', [b, { ...c, sid: 'a' }], { policy }), [], 'it brought the cookie')
  t.same(toldBy('c', [b, { ...c, target: 'id of a' }], { policy }), [], 'it named the session')
  const ask = { limit: 1, onLimit: 'ask', refuseWhileSeen: 0 } as const
  t.same(toldBy('b', [b], { policy: ask }), ['REASON'])
  t.same(toldBy('b', [{ ...b, target: 'id of a' }], { policy: ask }), [])
})

t.test('session_replaced: a stream is of the session, which goes on under another cookie', async (t) => {
  const policy = { limit: 3, onLimit: 'replace', refuseWhileSeen: 0 } as const
  const change = op('password', 'a', [20, 30], { password: 'x', issued: 'a2' })
  const end = op('ended', 'a', [15, 90], denied('session_replaced', 'b'))
  const by = (sid: string | null) =>
    broken([login, change, op('login', 'b', [40, 50], { sid, password: 'x' }), end], { policy })
  t.same(by('a2'), [])
  t.same(by(null), ['REASON'])
})

t.test('an ending that somebody asked for, of this session, before', async (t) => {
  const other = op('login', 'b', [20, 30])
  const cases: [string, Op, Op][] = [
    ['logged_out', op('logout', 'a', [50, 60]), op('logout', 'b', [50, 60])],
    [
      'logged_out',
      op('end', 'a', [50, 60], { target: 'id of a' }),
      op('end', 'b', [50, 60], { target: 'id of a' }),
    ],
    [
      'session_revoked',
      op('end', 'b', [50, 60], { target: 'id of a' }),
      op('end', 'a', [50, 60], { target: 'id of a' }),
    ],
    ['session_revoked', op('revoke', null, [50, 60]), op('revoke', null, [-20, -10])],
    ['password_changed', op('password', 'b', [50, 60], { password: 'x' }), op('logout', 'a', [50, 60])],
    ['user_disabled', op('disable', null, [50, 60]), op('enable', null, [50, 60])],
  ]
  const policy = { limit: 3, onLimit: 'replace', refuseWhileSeen: 0 } as const
  for (const [reason, right, wrong] of cases) {
    t.same(told(reason, [other, right], { policy }), [], reason)
    t.same(told(reason, [other, { ...right, res: 'info' }], { policy }), [], `${reason}, perhaps`)
    t.same(told(reason, [other, { ...right, res: 'fail' }], { policy }), ['REASON'])
    t.ok(told(reason, [other, { ...right, t0: 320, t1: 330 }], { policy }).includes('REASON'))
    t.same(told(reason, [other, wrong], { policy }), ['REASON'], `${reason} by ${wrong.type}`)
  }
})

t.test('logged_out: or by a login that brought it, where it was put back meanwhile', async (t) => {
  const b = op('login', 'b', [20, 30], { sid: 'a' })
  const lost = { records: true, sql: false, numbers: false }
  t.same(told('logged_out', [b]), ['REASON'])
  t.same(told('logged_out', [b], { lost }), [])
})

t.test('logged_out: a stream is of the session, which goes on under another cookie', async (t) => {
  const change = op('password', 'a', [50, 60], { password: 'x', issued: 'a2' })
  const logout = op('logout', 'a2', [70, 80])
  t.same(broken([login, change, logout, op('ended', 'a', [40, 90], denied('logged_out'))]), [])
  t.same(broken([login, change, op('ended', 'a', [40, 90], denied('logged_out'))]), ['REASON'])
  t.same(broken([login, change, logout, op('me', 'a', [85, 90], denied('logged_out'))]), ['REASON'])
})

t.test('session_disputed: by the device that this login replaced', async (t) => {
  const b = op('login', 'b', [20, 30])
  const ops = [login, b, op('me', 'a', [40, 50], denied('session_replaced', 'b'))]
  const dispute = op('dispute', 'a', [60, 70], { code: 202 })
  t.same(broken([...ops, dispute, op('me', 'b', [80, 90], denied('session_disputed'))]), [])
  t.same(broken([...ops, op('me', 'b', [80, 90], denied('session_disputed'))]), ['REASON'])
  const c = [op('login', 'c', [80, 90]), op('me', 'c', [95, 99], denied('session_disputed'))]
  t.same(broken([...ops, dispute, ...c]), ['REASON'])
})

t.test('session_idle, session_expired: not before their time', async (t) => {
  const at = (ms: number, reason: string, ...uses: number[]) =>
    broken([
      login,
      ...uses.map((use) => op('me', 'a', [use, use + 10])),
      op('me', 'a', [ms, ms + 10], denied(reason)),
    ])
  t.same(at(500, 'session_idle'), [], 'two clocks may differ a little')
  t.same(at(480, 'session_idle'), ['REASON'])
  t.same(at(900, 'session_idle', 500), [], 'the deadline is moved once in a while only')
  t.same(at(880, 'session_idle', 500), ['REASON'])
  t.same(at(4_500, 'session_expired'), [])
  t.same(at(4_480, 'session_expired'), ['REASON'])
})

t.test(
  'session_idle: a use while SQL is away, or a second after, does not move the deadline',
  async (t) => {
    const after = (use: number) => {
      const sqlAway = [{ from: 100, to: 200 }]
      const uses = [
        ...[600, 1_200, use].map((at) => op('me', 'a', [at, at + 10])),
        op('me', 'a', [1_900, 1_910], denied('session_idle')),
      ]
      return broken([login, ...uses], { sqlAway })
    }
    t.same(after(1_690), [])
    t.same(after(1_710), ['REASON'])
  },
)

t.test('session_idle: nor does opening a stream, or a list that another session is shown', async (t) => {
  const policy = { limit: 3, onLimit: 'replace', refuseWhileSeen: 0 } as const
  const end = op('me', 'a', [1_050, 1_060], denied('session_idle'))
  const after = (use: Op) => broken([login, op('login', 'b', [850, 860]), use, end], { policy })
  t.same(after(op('stream', 'a', [900, 910])), [])
  t.same(after(op('sessions', 'b', [900, 910], { listed: [shown('a'), shown('b')] })), [])
  t.same(after(op('me', 'a', [900, 910])), ['REASON'])
})

t.test('session_lost, unauthenticated: only where something was lost', async (t) => {
  const lost = { records: false, sql: false, numbers: false }
  t.same(told('session_lost'), ['REASON'])
  for (const what of ['records', 'sql', 'numbers'] as const)
    t.same(told('session_lost', [], { lost: { ...lost, [what]: true } }), [])
  t.same(told('unauthenticated'), ['REASON'])
  t.same(told('unauthenticated', [], { lost: { ...lost, records: true } }), [])
  t.same(told('unauthenticated', [], { lost: { ...lost, numbers: true } }), ['REASON'])
  const many = Array.from({ length: 56 }, (_, i) => op('login', `b${i}`, [20 + i, 20.5 + i]))
  t.same(told('unauthenticated', many), [], 'so many later endings are remembered, and no more')
  t.same(told('unauthenticated', many.slice(1)), ['REASON'])
  const perhaps = op('login', null, [20, 25], unknown)
  t.same(told('unauthenticated', [perhaps, ...many.slice(1)]), [], 'it may have been one more')
  t.same(told('kept_waiting'), ['REASON'], 'an unknown code')
})

t.test('WINNER: a login is superseded by another one', async (t) => {
  const superseded = {
    res: 'fail',
    code: 409,
    reason: 'login_superseded',
    cookies: 0,
    issued: null,
    session: null,
  } as const
  const loser = op('login', null, [100, 200], superseded)
  t.same(broken([loser]), ['WINNER'])
  t.same(broken([loser, op('login', 'b', [120, 150])]), [])
  t.same(broken([loser, op('login', null, [20, 30], unknown)]), [], 'which may still be on its way')
  t.same(broken([loser, op('login', 'b', [20, 30])]), ['WINNER'], 'an older one does not count')
  t.same(broken([loser, op('login', 'b', [201, 230])]), ['WINNER'], 'nor one that began later')
  t.same(broken([loser, op('revoke', null, [120, 150])]), ['WINNER'], 'nor an ending')
  t.same(broken([loser, op('password', 'z', [120, 150], { res: 'info' })]), [])
})

t.test('FULL: a login is refused only if the seats may have been taken', async (t) => {
  const policy = { limit: 1, onLimit: 'refuse', refuseWhileSeen: 500 } as const
  const refused = (...names: string[]) =>
    op('login', null, [100, 110], {
      res: 'fail',
      code: 409,
      reason: 'session_limit_reached',
      cookies: 0,
      listed: names.map(shown),
    })
  t.same(broken([login, refused('a')], { policy }), [])
  t.same(broken([login, refused('a')]), ['FULL'], 'not where a login replaces')
  t.same(broken([login, refused()], { policy }), ['FULL'])
  t.same(broken([login, refused('z')], { policy }), ['FULL'])
  t.same(broken([login, op('logout', 'a', [50, 60]), refused('a')], { policy }), ['FULL'])
  t.same(broken([login, op('logout', 'a', [50, 105]), refused('a')], { policy }), [])
  const lost = op('login', null, [20, 30], { ...unknown, device: 'b' })
  t.same(broken([login, lost, refused('b')], { policy }), [])
})

t.test('POLICY: a login replaces whom it may', async (t) => {
  const by = (more: Partial<Op>, onLimit: 'replace' | 'ask' | 'refuse', at: [number, number]) =>
    broken([login, op('login', 'b', at, more)], {
      policy: { limit: 1, onLimit, refuseWhileSeen: 400 },
    })
  const listed = [shown('a')]
  t.same(by({ listed }, 'replace', [20, 30]), [])
  t.same(by({ listed }, 'ask', [20, 30]), ['POLICY'])
  t.same(by({ listed, target: 'id of a' }, 'ask', [20, 30]), [])
  t.same(by({ listed }, 'refuse', [250, 260]), [], 'roughly')
  t.same(by({ listed }, 'refuse', [150, 160]), ['POLICY'])
  t.same(by({ listed, target: 'id of a' }, 'refuse', [150, 160]), ['POLICY'])
  t.same(by({ sid: 'a' }, 'refuse', [20, 30]), [], 'its own makes way')
})

t.test('CREDENTIALS: the right password is refused only where another may have been set', async (t) => {
  const no = op('login', null, [100, 110], {
    res: 'fail',
    code: 401,
    reason: 'invalid_credentials',
    cookies: 0,
  })
  t.same(broken([no]), ['CREDENTIALS'])
  t.same(broken([op('password', null, [20, 30], { password: 'x' }), no]).includes('CREDENTIALS'), false)
  t.same(broken([op('disable', null, [20, 30], unknown), no]), [])
})
