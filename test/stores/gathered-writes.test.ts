import t from 'tap'
import { gatherWrites } from '../../src/stores/gathered-writes.ts'

t.test(
  'what is asked for in one iteration is done together, in order, and each gets its own answer',
  async (t) => {
    const calls: number[][] = []
    const double = gatherWrites(async (all: number[]) => {
      calls.push(all)
      return all.map((one) => one * 2)
    })
    t.strictSame(await Promise.all([double(1), double(2), double(3)]), [2, 4, 6])
    t.equal(await double(4), 8)
    t.strictSame(calls, [[1, 2, 3], [4]])
  },
)

t.test('if they fail all are told so, and the next ones are not', async (t) => {
  let broken = true
  const write = gatherWrites(async (all: string[]) => {
    if (broken) throw new Error('the disk is full')
    return all
  })
  const [one, other] = await Promise.allSettled([write('a'), write('b')])
  t.match([one, other], [{ reason: /full/ }, { reason: /full/ }])
  broken = false
  t.equal(await write('c'), 'c')
})
