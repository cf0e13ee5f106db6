import t from 'tap'
import { measureAvailability } from './availability.ts'
import type { Op } from './history.ts'

function op(type: Op['type'], at: [number, number], more: Partial<Op> = {}): Op {
  const [t0, t1] = at
  return {
    type,
    user: 'ann',
    instance: 0,
    sid: 'a',
    who: null,
    t0,
    t1,
    code: 200,
    reason: null,
    res: 'ok',
    cookies: 0,
    ...more,
  }
}

const measure = (ops: Op[]) =>
  measureAvailability({
    ops,
    windows: [{ from: 100, to: 200 }],
    idleTimeout: 1_000,
    absoluteTimeout: 5_000,
  })

t.test('an error counts where nothing was broken, nor had been three seconds before', async (t) => {
  const error = { code: 503, res: 'info' } as const
  const ops = [
    op('me', [0, 50], error),
    op('me', [90, 150], error),
    op('me', [150, 160]),
    op('me', [3_100, 3_150], error),
    op('me', [3_300, 3_400], { code: 0, res: 'info' }),
  ]
  t.match(measure(ops), { duringFaults: 0.5, errorsOutside: [{ t0: 0 }, { t0: 3_300 }], slowest: 60 })
})

t.test('a refusal counts if nothing can have ended the session', async (t) => {
  const denied = { code: 401, res: 'denied' } as const
  const login = op('login', [0, 10])
  t.equal(measure([login, op('me', [20, 30], denied)]).wronglyDenied.length, 1)
  const endings = [
    op('login', [15, 40], { sid: 'b' }),
    op('login', [15, 18], { sid: null, code: 503, res: 'info' }),
    op('logout', [15, 40]),
    op('revoke', [15, 40], { sid: 'boss' }),
  ]
  for (const ending of endings) {
    t.same(measure([login, ending, op('me', [20, 30], denied)]).wronglyDenied, [], ending.type)
  }
  t.equal(
    measure([login, op('logout', [15, 40], { sid: 'b' }), op('me', [20, 30], denied)]).wronglyDenied
      .length,
    1,
  )
  t.same(measure([login, op('me', [900, 910], denied)]).wronglyDenied, [], 'it may have timed out')
})
