import { mock } from 'node:test'
import t from 'tap'
import { openCounters } from './engines.ts'

const HOUR = 3_600_000

for (const [where, [one, other]] of Object.entries(await openCounters(t))) {
  t.test(`points add up, for all instances together [${where}]`, async (t) => {
    const counts = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : other).add('all', 1, 60)),
    )
    const points = counts.map((count) => count.points).sort((a, b) => a - b)
    t.strictSame(
      points,
      Array.from({ length: 20 }, (_, i) => i + 1),
    )
    t.equal((await one.add('all', -5, 60)).points, 15)
    t.equal((await other.add('all', 0, 60)).points, 15)
  })

  t.test(`a counter begins with the first of its points, and its end stays [${where}]`, async (t) => {
    const first = await one.add('end', 1, 60)
    t.ok(first.endsIn > 59_000 && first.endsIn <= 60_000, `${first.endsIn}`)
    const next = await other.add('end', 1, 600)
    t.ok(next.endsIn > 50_000 && next.endsIn <= 60_000, `${next.endsIn}`)
  })

  t.test(`what is forgotten begins again [${where}]`, async (t) => {
    await one.add('gone', 3, 60)
    await other.forget('gone')
    t.equal((await one.add('gone', 1, 60)).points, 1)
    await one.forget('never there')
  })

  if (where === 'Redis') continue // it has a clock of its own
  t.test(`a clock that is set back makes no counter last longer [${where}]`, async (t) => {
    t.teardown(() => mock.timers.reset())
    mock.timers.enable({ apis: ['Date'], now: Date.now() })
    for (const set of [-HOUR, -24 * HOUR, -60_000]) {
      await one.add(`back ${set}`, 5, 60)
      mock.timers.setTime(Date.now() + set)
      const count = await other.add(`back ${set}`, 1, 60)
      t.ok(count.endsIn <= 65_000, `${count.endsIn}`)
      t.equal(count.points, 1, 'it begins again')
    }
  })

  t.test(`nor does one that is set forward keep any [${where}]`, async (t) => {
    t.teardown(() => mock.timers.reset())
    mock.timers.enable({ apis: ['Date'], now: Date.now() })
    await one.add('forward', 5, 60)
    mock.timers.setTime(Date.now() + HOUR)
    t.match(await other.add('forward', 1, 60), { points: 1, endsIn: 60_000 })
  })

  t.test(`clocks that differ by seconds count together [${where}]`, async (t) => {
    t.teardown(() => mock.timers.reset())
    const now = Date.now()
    mock.timers.enable({ apis: ['Date'], now })
    for (const [i, skew] of [4_000, 0, 4_000, 0].entries()) {
      mock.timers.setTime(now + skew)
      t.equal((await (i % 2 === 0 ? one : other).add('skew', 1, 60)).points, i + 1)
    }
  })
}
