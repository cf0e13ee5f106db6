import type { Test } from 'tap'
import type { TwoInstances } from './two-instances.ts'

/** What `Histories` promises, in the order of its comments. */
export function historiesContract(t: Test, { here: one, there: other }: TwoInstances): void {
  const [here, there] = [one.histories, other.histories]
  const inUse = async () => (await there.list()).map(({ history }) => history).sort()

  t.test('list: those in use, each with its stamp', async (t) => {
    const stamp = await here.open('a', '', false)
    t.strictSame(await there.list(), [{ history: 'a', stamp }])
    t.strictSame(await here.list(), [{ history: 'a', stamp }])
  })

  t.test('open: one that is in use keeps its stamp, whoever asks', async (t) => {
    const stamp = await here.open('b', '', false)
    for (const histories of [here, there, here]) t.equal(await histories.open('b', '', false), stamp)
    t.equal(await there.open('b', 'another parent', true), stamp)
  })

  t.test('open: all that ask at once get the same stamp', async (t) => {
    for (let round = 0; round < 5; round++) {
      const stamps = await Promise.all(
        Array.from({ length: 16 }, (_, i) =>
          (i % 2 === 0 ? here : there).open(`at once ${round}`, '', i % 3 === 0),
        ),
      )
      t.equal(new Set(stamps).size, 1)
      t.equal(
        (await there.list()).find(({ history }) => history === `at once ${round}`)?.stamp,
        stamps[0],
      )
    }
  })

  t.test('open: all others go out of use', async (t) => {
    await here.open('c', '', false)
    await here.open('d', '', true)
    t.ok((await inUse()).length > 1)
    await there.open('e', 'd', false)
    t.strictSame(await inUse(), ['e'])
  })

  t.test('open: one that comes into use again has a new stamp', async (t) => {
    const first = await here.open('f', '', false)
    const between = await there.open('g', 'f', false)
    const again = await here.open('f', 'g', false)
    t.equal(new Set([first, between, again]).size, 3)
    t.strictSame(await there.list(), [{ history: 'f', stamp: again }])
  })

  t.test('open: `related` lets those stay that it has nothing to do with', async (t) => {
    await here.open('node 1', '', false)
    await here.open('node 2', '', true)
    await here.open('node 3', '', true)
    t.strictSame(await inUse(), ['node 1', 'node 2', 'node 3'])
    await there.open('replica of 2', 'node 2', true) // was promoted
    t.strictSame(await inUse(), ['node 1', 'node 3', 'replica of 2'])
    await there.open('node 2', '', true) // is back: the other came from it
    t.strictSame(await inUse(), ['node 1', 'node 2', 'node 3'])
  })

  t.test('open: of two that come into use at once, one is in use in the end', async (t) => {
    for (let round = 0; round < 20; round++) {
      const names = [`left ${round}`, `right ${round}`, `third ${round}`]
      await Promise.allSettled(
        names.map((name, i) => (i % 2 === 0 ? here : there).open(name, '', false)),
      )
      const left = await inUse()
      t.equal(left.length, 1, left.join())
      t.ok(names.includes(left[0] ?? ''))
    }
  })
}
