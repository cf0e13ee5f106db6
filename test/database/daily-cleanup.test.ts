import { mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { forgetDaily } from '../../src/database/daily-cleanup.ts'

/** What is left after each time that something was forgotten, three at a time. */
function forgetFrom(t: Test, start: number, { fails = false } = {}) {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  t.teardown(() => mock.timers.reset())
  const left: number[] = []
  const errors: unknown[] = []
  let rest = start
  const forgetting = forgetDaily({
    async forgetSome() {
      if (fails) throw new Error('away')
      const count = Math.min(3, rest)
      rest -= count
      left.push(rest)
      return count
    },
    atMost: 3,
    onError: (error) => errors.push(error),
  })
  return { forgetting, left, errors, add: (count: number) => (rest += count) }
}

t.test('a few at a time, with room for others between, and again every day', async (t) => {
  const { forgetting, left, add } = forgetFrom(t, 7)
  for (const expected of [[4], [4, 1], [4, 1, 0], [4, 1, 0]]) {
    await forgetting.settled()
    t.strictSame(left, expected)
    mock.timers.tick(20)
    await setImmediate()
  }
  add(1)
  mock.timers.tick(DAY)
  await forgetting.settled()
  t.equal(left.length, 4)
  await forgetting.end()
})

t.test('what fails is told, and tried again the next day', async (t) => {
  const { forgetting, errors } = forgetFrom(t, 7, { fails: true })
  await forgetting.settled()
  mock.timers.tick(DAY)
  await forgetting.settled()
  t.equal(errors.length, 2)
  await forgetting.end()
})

t.test('ended, it is over, though there is more', async (t) => {
  const { forgetting, left } = forgetFrom(t, 7)
  await forgetting.end()
  mock.timers.tick(2 * DAY)
  await setImmediate()
  t.strictSame(left, [4])
})

const DAY = 24 * 60 * 60 * 1000
