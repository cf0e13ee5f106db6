import fc from 'fast-check'
import t from 'tap'
import { followClock } from '../../src/stores/store-clock.ts'

t.test('before the first answer nothing is known', async (t) => {
  t.equal(followClock(() => 0).now(), null)
})

t.test(
  'whatever order late answers come in, the clock is not ahead and not behind any of them',
  async () => {
    const answer = fc.record({
      pause: fc.integer({ min: 0, max: 500 }),
      late: fc.integer({ min: 0, max: 1_500 }),
    })
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1 }), (answers) => {
        let here = 0
        const clock = followClock(() => here)
        let latest = 0
        for (const { pause, late } of answers) {
          here += pause
          const there = EPOCH + here
          latest = Math.max(latest, there - late)
          clock.learn(there - late)
          const now = clock.now() ?? Number.NaN
          // One millisecond a second is allowed for drift, and fractions are cut off.
          if (!(now <= there && now >= latest - here * 0.001 - 1)) return false
        }
        return true
      }),
    )
  },
)

t.test('an engine whose clock was set back is followed', async (t) => {
  let here = 0
  const clock = followClock(() => here)
  clock.learn(EPOCH + 600_000)
  here = 10
  clock.learn(EPOCH)
  t.equal(clock.now(), EPOCH)
})

t.test('a clock here that runs too fast does not pull the engine’s along', async (t) => {
  let here = 0
  const clock = followClock(() => here)
  for (let second = 0; second < 3_600; second++) {
    here += 1_000.2
    clock.learn(EPOCH + second * 1_000)
  }
  t.ok(Math.abs((clock.now() ?? 0) - (EPOCH + 3_599_000)) <= 1)
})

const EPOCH = 1_800_000_000_000
