import { mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { batchReads } from '../../src/stores/batched-reads.ts'

type Asked = { handles: string[]; answer: () => void; fail: () => void }

/** A store that answers when it is told to. */
function slowStore(size = 10) {
  const asked: Asked[] = []
  const read = batchReads<string>(
    (handles) =>
      new Promise((resolve, reject) => {
        const answer = () => resolve(handles.map((handle) => `value of ${handle}`))
        asked.push({ handles, answer, fail: () => reject(new Error('away')) })
      }),
    size,
  )
  return { asked, read, batches: () => asked.map(({ handles }) => handles) }
}

t.test('the reads of one turn travel together, and each gets its own value', async (t) => {
  const { asked, read, batches } = slowStore()
  const values = Promise.all([read('a'), read('b')])
  await setImmediate()
  t.same(batches(), [['a', 'b']])
  asked[0]?.answer()
  t.same(await values, ['value of a', 'value of b'])
})

t.test('what is asked for twice is read once, but not once it is under way', async (t) => {
  const { asked, read, batches } = slowStore()
  const values = Promise.all([read('a'), read('b'), read('a')])
  await setImmediate()
  const later = read('a')
  t.same(batches(), [['a', 'b']])
  asked[0]?.answer()
  t.same(await values, ['value of a', 'value of b', 'value of a'])
  await setImmediate()
  t.same(batches(), [['a', 'b'], ['a']], 'the value may be another by now')
  asked[1]?.answer()
  t.equal(await later, 'value of a')
})

t.test('no more of them than a batch takes', async (t) => {
  const { asked, read, batches } = slowStore(2)
  const values = Promise.all(['a', 'b', 'c'].map(read))
  await setImmediate()
  t.same(batches(), [['a', 'b'], ['c']])
  for (const { answer } of asked) answer()
  t.same(await values, ['value of a', 'value of b', 'value of c'])
})

t.test('what comes while a read is under way goes after it, together', async (t) => {
  const { asked, read, batches } = slowStore()
  const first = read('a')
  await setImmediate()
  const others = [read('b'), read('c')]
  await setImmediate()
  t.same(batches(), [['a']], 'they wait')
  asked[0]?.answer()
  await first
  others.push(read('d')) // in the same turn
  await setImmediate()
  t.same(batches(), [['a'], ['b', 'c', 'd']])
  asked[1]?.answer()
  t.same(await Promise.all(others), ['value of b', 'value of c', 'value of d'])
})

t.test('but waits for a slow one for a moment only', async (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] })
  t.teardown(() => mock.timers.reset())
  const { asked, read, batches } = slowStore()
  const first = read('a')
  mock.timers.tick(0)
  const second = read('b')
  mock.timers.tick(4)
  t.same(batches(), [['a']])
  mock.timers.tick(1)
  t.same(batches(), [['a'], ['b']])
  asked[1]?.answer()
  t.equal(await second, 'value of b')
  asked[0]?.answer()
  t.equal(await first, 'value of a')
})

t.test('a read that fails fails those that were in it, and no other', async (t) => {
  const { asked, read } = slowStore()
  const first = read('a')
  await setImmediate()
  const second = read('b')
  asked[0]?.fail()
  await t.rejects(first, { message: 'away' })
  await setImmediate()
  asked[1]?.answer()
  t.equal(await second, 'value of b')
})
