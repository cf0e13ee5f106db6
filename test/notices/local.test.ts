import t from 'tap'
import { localNotices } from '../../src/notices/local.ts'

t.test('who waits for a user is told at once, until they stop, and nobody else is', async (t) => {
  const { publish, subscribe } = localNotices()
  const told: string[] = []
  const stop = subscribe('ann', () => told.push('one'))
  subscribe('ann', () => told.push('two'))
  subscribe('bob', () => told.push('other'))
  publish('ann')
  t.strictSame(told, ['one', 'two'])
  stop()
  publish('ann')
  t.strictSame(told, ['one', 'two', 'two'])
  stop()
  publish('nobody')
  t.equal(told.length, 3)
})

t.test('who listens to all gets each text, and nothing without one', async (t) => {
  const { publish, subscribeAll } = localNotices()
  const texts: string[] = []
  subscribeAll((text) => texts.push(text))
  publish('ann', 'about ann')
  publish('bob')
  publish('bob', 'about bob')
  t.strictSame(texts, ['about ann', 'about bob'])
})
