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
  const take = (ms: number) => () => new Promise<void>((done) => setTimeout(done, ms))
  for (const [ms, least, most] of [
    [10, 90, 2_000],
    [300, 450, 2_000],
  ] as const) {
    const ask = shareAnswers(take(ms))
    await ask()
    const asked = performance.now()
    await ask()
    const took = performance.now() - asked - ms
    t.ok(took > least && took < most, `${took}`)
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
