import t from 'tap'
import { shareAnswers } from '../../src/http/shared-answers.ts'

t.test('who asks at the same time gets the same answer, and who asks later a newer one', async (t) => {
  let made = 0
  const ask = shareAnswers(async () => ++made, 30)
  const asked = performance.now()
  t.strictSame(await Promise.all([ask(), ask(), ask()]), [1, 1, 1])
  t.strictSame(await Promise.all([ask(), ask()]), [2, 2])
  t.equal(await ask(), 3)
  t.ok(performance.now() - asked >= 59, 'not more often than every so many milliseconds')
})

t.test('who asks while an answer is being made gets the next one', async (t) => {
  const first = Promise.withResolvers<void>()
  let begun = 0
  const ask = shareAnswers(async () => {
    begun += 1
    if (begun === 1) await first.promise
    return begun
  }, 1)
  const slow = ask()
  await new Promise((done) => setImmediate(done))
  t.equal(begun, 1)
  t.equal(await ask(), 2)
  first.resolve()
  await slow
})

t.test('a failure is told to those who asked, and the next try is another', async (t) => {
  let fails = true
  const ask = shareAnswers(async () => {
    if (fails) throw new Error('not now')
    return 'well'
  }, 1)
  await Promise.all([t.rejects(ask(), /not now/), t.rejects(ask(), /not now/)])
  fails = false
  t.equal(await ask(), 'well')
})
