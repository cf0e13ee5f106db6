import t from 'tap'
import { nextPause } from '../../src/workers/place.ts'

t.test('the pause doubles while workers keep dying, up to ten seconds', async (t) => {
  const pauses: number[] = []
  for (let i = 0; i < 9; i++) pauses.push(nextPause(pauses.at(-1) ?? 0, 1_000))
  t.strictSame(pauses, [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000])
})

t.test('after a worker that had lived for a minute it starts over', async (t) => {
  t.equal(nextPause(10_000, 60_000), 100)
  t.equal(nextPause(10_000, 59_999), 10_000)
})
