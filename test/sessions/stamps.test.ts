import t, { type Test } from 'tap'
import type { History } from '../../src/sessions/numbers.ts'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import { followStamps } from '../../src/sessions/stamps.ts'
import { openSessionStores } from '../support/session-stores.ts'

t.test('a history that is new is taken into use, and has the same stamp for all', async (t) => {
  const { here, there } = await open(t)
  t.equal(here.known(A), null)
  const stamp = await here.ask(A)
  t.equal(here.known(A), stamp)
  t.equal(await there.ask(A), stamp)
})

t.test('however many ask for a new history at once, it is taken into use once', async (t) => {
  const { here, asked } = await open(t)
  const stamps = await Promise.all(Array.from({ length: 30 }, () => here.ask(A)))
  t.equal(new Set(stamps).size, 1)
  t.equal(asked.filter((what) => what === 'open').length, 1)
})

t.test(
  'what was learnt holds for 1.5 seconds, and is asked for again after half a second',
  async (t) => {
    const { here, there, wait, asked } = await open(t)
    const stamp = await here.ask(A)
    asked.length = 0
    wait(500)
    t.equal(here.known(A), stamp)
    t.strictSame(asked, [])
    wait(1)
    t.equal(here.known(A), stamp, 'still holds')
    t.equal(here.known(A), stamp)
    t.strictSame(asked, ['list'], 'one asks for all')
    await there.ask(B)
    wait(1_501)
    t.equal(here.known(A), null)
    t.not(await here.ask(A), stamp, 'it was left, and comes into use with another stamp')
  },
)

t.test('an instance that never noticed a failover learns of it within 1.5 seconds', async (t) => {
  const { here, there, wait } = await open(t)
  const stamp = await here.ask(A)
  await there.ask({ ...B, parent: 'A' })
  wait(1_501)
  t.not(here.known(A) ?? (await here.ask(A)), stamp)
})

t.test('in a Cluster only related histories go out of use', async (t) => {
  const { here, there, wait } = await open(t, 'several')
  const [a, c] = [await here.ask(A), await here.ask({ history: 'C', parent: '', text: null })]
  await there.ask({ ...B, parent: 'A' })
  wait(1_501)
  t.equal(here.known({ history: 'C', parent: '', text: null }) ?? (await here.ask(C)), c)
  t.not(await here.ask(A), a)
})

t.test('while SQL is away, what is known goes on to hold, and nothing new is believed', async (t) => {
  const { here, wait, away, asked } = await open(t)
  const stamp = await here.ask(A)
  away(true)
  wait(1_501)
  t.equal(await here.ask(A), stamp)
  await t.rejects(here.ask(B), { code: 'store_unavailable' })
  asked.length = 0
  for (let i = 0; i < 100; i++) t.equal(here.known(A), stamp)
  t.ok(asked.length <= 1, 'it is not asked for each request')
  away(false)
  wait(1_501)
  here.known(A)
  here.forget()
  t.equal(await here.ask(A), stamp)
})

t.test('a store that loses nothing apart from SQL has one stamp, and nobody is asked', async (t) => {
  const { here, asked } = await open(t, 'none')
  t.equal(here.known(A), '')
  t.strictSame(asked, [])
})

const A = { history: 'A', parent: '', text: null }
const B = { history: 'B', parent: '', text: null }
const C = { history: 'C', parent: '', text: null }

/** Two instances over one database, and the clock that both have. */
async function open(t: Test, kind: 'none' | 'one' | 'several' = 'one') {
  const { histories } = await openSessionStores(t, 'sqlite')
  let time = 0
  let isAway = false
  const asked: string[] = []
  const answer = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    asked.push(what)
    if (isAway) throw storeUnavailable()
    return work()
  }
  const instance = () =>
    followStamps(
      { histories: kind },
      {
        histories: {
          list: () => answer<History[]>('list', histories.list),
          open: (...args) => answer('open', () => histories.open(...args)),
        },
        monotonic: () => time,
      },
    )
  return {
    here: instance(),
    there: instance(),
    asked,
    wait: (ms: number) => {
      time += ms
    },
    away: (value: boolean) => {
      isAway = value
    },
  }
}
