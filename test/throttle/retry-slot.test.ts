import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { LONGEST_WAIT, RETRY } from '../../src/throttle/limits.ts'
import { localCounters } from '../../src/throttle/local.ts'
import { useSlot } from '../../src/throttle/retry-slot.ts'

/** A slot whose clock the test sets. Gives what an attempt at it comes to: null, or how long it has to wait. */
function openSlot(t: Test) {
  mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1) })
  t.teardown(() => mock.timers.reset())
  const counters = localCounters()
  const pass = (seconds: number) => mock.timers.tick(seconds * 1000)
  const use = async () => {
    const refusal = await useSlot(counters, 'slot').catch((error) => error)
    return refusal === undefined ? null : Number(refusal.headers['retry-after'])
  }
  return { use, pass }
}

t.test('who waits as told is let in, for so many attempts', async (t) => {
  const { use, pass } = openSlot(t)
  t.equal(await use(), RETRY.wait)
  pass(RETRY.wait)
  for (let i = 0; i < RETRY.tries; i++) t.equal(await use(), null)
  t.equal(await use(), RETRY.open, 'then there is a new slot after this one')
  pass(RETRY.open)
  t.equal(await use(), RETRY.wait)
})

t.test('who comes a little too early is told the rest, and is let in then', async (t) => {
  const { use, pass } = openSlot(t)
  await use()
  pass(4)
  t.equal(await use(), RETRY.wait - 4)
  pass(RETRY.wait - 4)
  t.equal(await use(), null)
})

t.test('who hammers is never let in, and does not move the end', async (t) => {
  const { use, pass } = openSlot(t)
  const waits: (number | null)[] = []
  for (let second = 0; second < 3 * LONGEST_WAIT; second++) {
    waits.push(await use())
    pass(1)
  }
  t.notOk(waits.includes(null))
  t.strictSame(waits.slice(0, 4), [30, 29, 58, 57])
  t.strictSame(waits.slice(LONGEST_WAIT, LONGEST_WAIT + 4), [30, 29, 58, 57])
})

t.test('who comes too late begins again', async (t) => {
  const { use, pass } = openSlot(t)
  await use()
  pass(LONGEST_WAIT)
  t.equal(await use(), RETRY.wait)
})

t.test('of many at once no more are let in than may', async (t) => {
  const { use, pass } = openSlot(t)
  await use()
  pass(RETRY.wait)
  const waits = await Promise.all(Array.from({ length: 50 }, use))
  t.equal(waits.filter((wait) => wait === null).length, RETRY.tries)
})

t.test('nobody waits longer than the longest, whatever is done to the clock', async (t) => {
  for (const set of [-3600, -60, -10, 10, 60, 3600]) {
    const { use, pass } = openSlot(t)
    await use()
    mock.timers.setTime(Date.now() + set * 1000)
    let waited = 0
    for (let wait = await use(); wait !== null; wait = await use()) {
      t.ok(wait >= 1 && wait <= LONGEST_WAIT, `${wait} s after ${set} s`)
      waited += wait
      pass(wait)
    }
    t.ok(waited <= 2 * LONGEST_WAIT, `${waited} s after ${set} s`)
    mock.timers.reset()
  }
})
