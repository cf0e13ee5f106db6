import { mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { forgetDaily } from '../../src/database/daily-cleanup.ts'

/** What is left after each time that something was forgotten. */
function forgetFrom(t: Test, start: number, { fails = false } = {}) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  t.teardown(() => mock.timers.reset())
  const left: number[] = []
  const errors: unknown[] = []
  let rest = start
  const end = forgetDaily(
    async (limit) => {
      if (fails) throw new Error('away')
      const count = Math.min(limit, rest)
      rest -= count
      left.push(rest)
      return count
    },
    (error) => errors.push(error),
  )
  return { end, left, errors, add: (count: number) => (rest += count) }
}

t.test('a few at a time, with room for others between, and again every day', async (t) => {
  const { end, left, add } = forgetFrom(t, 2_500)
  for (const expected of [[1_500], [1_500, 500], [1_500, 500, 0], [1_500, 500, 0]]) {
    await setImmediate()
    t.strictSame(left, expected)
    mock.timers.tick(20)
    await setImmediate()
  }
  add(1)
  mock.timers.tick(DAY)
  await setImmediate()
  t.equal(left.length, 4)
  await end()
})

t.test('what fails is told, and tried again the next day', async (t) => {
  const { end, errors } = forgetFrom(t, 7, { fails: true })
  await setImmediate()
  mock.timers.tick(DAY)
  await setImmediate()
  t.equal(errors.length, 2)
  await end()
})

t.test('ended, it is over, though there is more', async (t) => {
  const { end, left } = forgetFrom(t, 2_500)
  await end()
  mock.timers.tick(2 * DAY)
  await setImmediate()
  t.strictSame(left, [1_500])
})

const DAY = 24 * 60 * 60 * 1000
