import t from 'tap'
import { shareAnswers } from '../../src/http/shared-answers.ts'

const nextTurn = () => new Promise((done) => setImmediate(done))

t.test('who asks at the same time gets the same answer, and who asks later a newer one', async (t) => {
  let made = 0
  const ask = shareAnswers(async () => ++made)
  t.strictSame(await Promise.all([ask(), ask(), ask()]), [1, 1, 1])
  t.strictSame(await Promise.all([ask(), ask()]), [2, 2])
  t.equal(await ask(), 3)
})

t.test('all who ask while an answer is made share the next one', async (t) => {
  const first = Promise.withResolvers<void>()
  let begun = 0
  const ask = shareAnswers(async () => {
    begun += 1
    if (begun === 1) await first.promise
    return begun
  })
  const slow = ask()
  await nextTurn()
  const later = [ask(), ask()]
  await nextTurn()
  later.push(ask())
  t.equal(begun, 1)
  first.resolve()
  t.equal(await slow, 1)
  t.strictSame(await Promise.all(later), [2, 2, 2])
})

t.test('it takes a tenth of the time at most, and the pauses have a bound', async (t) => {
  for (const ms of [10, 300]) {
    const begun: number[] = []
    let done = 0
    const ask = shareAnswers(async () => {
      begun.push(performance.now())
      await new Promise((done) => setTimeout(done, ms))
      done = performance.now()
    })
    await ask()
    const [[first = 0], end] = [begun, done]
    await ask()
    const pause = (begun[1] ?? 0) - end
    const least = Math.min(9 * (end - first), 500) - 2 // a timer may be a little early
    t.ok(pause >= least && pause < 2_000, `${pause}, and not ${least}`)
  }
})

t.test('a failure is told to those who asked, and the next try is another', async (t) => {
  let fails = true
  const ask = shareAnswers(async () => {
    if (fails) throw new Error('not now')
    return 'well'
  })
  await Promise.all([t.rejects(ask(), /not now/), t.rejects(ask(), /not now/)])
  fails = false
  t.equal(await ask(), 'well')
})
