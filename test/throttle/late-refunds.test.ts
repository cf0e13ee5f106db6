import t from 'tap'
import { lateRefunds } from '../../src/throttle/late-refunds.ts'
import { localCounters } from '../../src/throttle/local.ts'

t.test('what is owed is given back with the next attempt', async (t) => {
  const counters = lateRefunds(localCounters())
  t.equal(await counters.add('k', 60), 1)
  counters.owe('k')
  t.equal(await counters.add('k', 60), 1, 'the second in place of the first')
  t.equal(await counters.add('k', 60), 2)
})

t.test('many attempts at once, of which none counts, leave room for as many', async (t) => {
  const counters = lateRefunds(localCounters())
  for (let round = 0; round < 5; round++) {
    const points = await Promise.all(Array.from({ length: 50 }, () => counters.add('k', 60)))
    t.equal(Math.max(...points), 50)
    for (const _ of points) counters.owe('k')
  }
})

t.test('it never goes below what has counted', async (t) => {
  const counters = lateRefunds(localCounters())
  await counters.add('k', 60)
  for (let i = 0; i < 3; i++) await counters.add('k', 60)
  counters.owe('k')
  counters.owe('never counted here')
  t.equal(await counters.add('k', 60), 4)
  t.equal(await counters.add('never counted here', 60), 1)
})

t.test('nothing is owed any more when the counter has ended', async (t) => {
  const ended = { points: 1, endsIn: 0 }
  const costs: number[] = []
  const counters = lateRefunds({
    ...localCounters(),
    add: async (_key, points) => {
      costs.push(points)
      return ended
    },
  })
  await counters.add('k', 60)
  counters.owe('k')
  await counters.add('k', 60)
  t.strictSame(costs, [1, 1])
})
