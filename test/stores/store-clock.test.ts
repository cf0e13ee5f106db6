import fc from 'fast-check'
import t from 'tap'
import { followClock } from '../../src/stores/store-clock.ts'

t.test('before the first answer nothing is known', async (t) => {
  t.equal(followClock(() => 0).now(), null)
})

t.test('however late answers come, the clock is not ahead and not behind any of them', async () => {
  const question = fc.record({ at: ms(2_000), there: ms(5_000), back: ms(5_000) })
  fc.assert(
    fc.property(fc.array(question, { minLength: 1, maxLength: 8 }), (questions) => {
      let here = 0
      const clock = followClock(() => here)
      let latest = 0
      const asked = questions.map(({ at, there, back }) => {
        let learn = (_time: number): void => {}
        return [
          {
            at,
            happen: () => {
              learn = clock.ask()
            },
          },
          {
            at: at + there + back,
            happen: () => {
              learn(EPOCH + at + there)
              latest = Math.max(latest, EPOCH + at + there)
            },
          },
        ]
      })
      for (const { at, happen } of asked.flat().toSorted((a, b) => a.at - b.at)) {
        here = at
        happen()
        const now = clock.now()
        // One millisecond a second is allowed for drift, and fractions are cut off.
        if (now !== null && !(now <= EPOCH + here && now >= latest - here * 0.001 - 1)) return false
      }
      return true
    }),
  )
})

t.test('an engine whose clock was set back is followed', async (t) => {
  let here = 0
  const clock = followClock(() => here)
  clock.ask()(EPOCH + 600_000)
  here = 10
  const learn = clock.ask()
  here = 15
  learn(EPOCH)
  t.equal(clock.now(), EPOCH)
})

t.test('a clock here that runs too fast does not pull the engine’s along', async (t) => {
  let here = 0
  const clock = followClock(() => here)
  for (let second = 0; second < 3_600; second++) {
    here += 1_000.2
    clock.ask()(EPOCH + second * 1_000)
  }
  t.ok(Math.abs((clock.now() ?? 0) - (EPOCH + 3_599_000)) <= 1)
})

const EPOCH = 1_800_000_000_000
const ms = (max: number) => fc.integer({ min: 0, max })
