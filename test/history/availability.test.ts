import t from 'tap'
import { measureAvailability } from './availability.ts'
import type { Op } from './history.ts'
import { CALM, denied, op, unknown } from './made-up.ts'

const measure = (ops: Op[]) => measureAvailability({ ...CALM, ops, windows: [{ from: 100, to: 200 }] })

t.test('an error counts where nothing was broken, nor had been three seconds before', async (t) => {
  const error = { code: 503, res: 'info' } as const
  const ops = [
    op('me', 'a', [0, 50], error),
    op('me', 'a', [90, 150], error),
    op('me', 'a', [150, 160]),
    op('me', 'a', [3_100, 3_150], error),
    op('me', 'a', [3_300, 3_400], { code: 0, res: 'info' }),
  ]
  t.match(measure(ops), { duringFaults: 0.5, errorsOutside: [{ t0: 0 }, { t0: 3_300 }], slowest: 60 })
})

t.test('a stream lasts as long as it likes, and counts when it broke', async (t) => {
  const ops = [op('ended', 'a', [0, 5_000]), op('ended', 'a', [4_000, 5_000], { code: 0, res: 'info' })]
  t.match(measure(ops), { errorsOutside: [{ t0: 4_000 }], slowest: 0 })
})

t.test('a refusal counts if nothing can have ended the session', async (t) => {
  const login = op('login', 'a', [0, 10])
  const no = op('me', 'a', [20, 30], denied())
  t.equal(measure([login, no]).wronglyDenied.length, 1)
  const endings = [
    op('login', 'b', [15, 40]),
    op('login', null, [15, 18], unknown),
    op('logout', 'a', [15, 40]),
    op('revoke', 'boss', [15, 40]),
    op('disable', 'boss', [15, 40]),
    op('password', 'b', [15, 40]),
    op('end', 'b', [15, 40]),
    op('dispute', 'b', [15, 40]),
  ]
  for (const ending of endings) t.same(measure([login, ending, no]).wronglyDenied, [], ending.type)
  t.equal(measure([login, op('logout', 'b', [15, 40]), no]).wronglyDenied.length, 1)
  t.same(
    measure([login, op('me', 'a', [900, 910], denied())]).wronglyDenied,
    [],
    'it may have timed out',
  )
})
