import t from 'tap'
import { oneAtATime } from '../../src/throttle/one-at-a-time.ts'

t.test('work for one key is done in the order it came, one after the other', async (t) => {
  const inTurn = oneAtATime(10)
  const log: string[] = []
  const work = (name: string) => async () => {
    log.push(`${name} begins`)
    await new Promise((done) => setImmediate(done))
    log.push(`${name} ends`)
    return name
  }
  const done = await Promise.all(['a', 'b', 'c'].map((name) => inTurn('k', work(name))))
  t.strictSame(done, ['a', 'b', 'c'])
  t.strictSame(log, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
})

t.test('other keys do not wait', async (t) => {
  const inTurn = oneAtATime(10)
  const { promise, resolve } = Promise.withResolvers<string>()
  const held = inTurn('k', () => promise)
  t.equal(await inTurn('other', async () => 'done'), 'done')
  resolve('late')
  t.equal(await held, 'late')
})

t.test('work that fails is told, and the next goes on', async (t) => {
  const inTurn = oneAtATime(10)
  const failing = inTurn('k', async () => Promise.reject(new Error('broken')))
  const next = inTurn('k', async () => 'done')
  await t.rejects(failing, { message: 'broken' })
  t.equal(await next, 'done')
})

t.test('so many wait, and the rest is told to come back', async (t) => {
  const inTurn = oneAtATime(2)
  const { promise, resolve } = Promise.withResolvers<void>()
  const taken = [1, 2, 3].map(() => inTurn('k', () => promise))
  await t.rejects(
    inTurn('k', () => promise),
    { code: 'overloaded', headers: { 'retry-after': '2' } },
  )
  resolve()
  await Promise.all(taken)
  await t.resolves(inTurn('k', async () => 'room again'))
})
