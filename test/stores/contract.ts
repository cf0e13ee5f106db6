import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import type { Test } from 'tap'
import type { Register } from '../../src/sessions/store.ts'

/** What every engine promises, in the order of its comments: two instances use the same one. */
export function registerContract(t: Test, here: Register, there: Register): void {
  const later = () => here.now() + 60_000
  const newHandle = () => randomBytes(12).toString('base64url')

  t.test('read: nothing, before anything was put there', async (t) => {
    t.equal((await here.read(newHandle())).text, null)
    t.equal((await here.read('')).text, null)
  })

  t.test('swap: what one instance puts there the other reads, at once', async (t) => {
    const handle = newHandle()
    t.equal(await here.swap(handle, null, 'first', later()), true)
    t.equal((await there.read(handle)).text, 'first')
    t.equal(await there.swap(handle, 'first', 'second', later()), true)
    t.equal((await here.read(handle)).text, 'second')
  })

  t.test('swap: nothing happens if the value is another by now', async (t) => {
    const handle = newHandle()
    t.equal(await here.swap(handle, 'first', 'second', later()), false, 'there is none')
    t.equal((await here.read(handle)).text, null)
    await here.swap(handle, null, 'first', later())
    t.equal(await there.swap(handle, null, 'second', later()), false, 'there is one')
    t.equal(await there.swap(handle, 'First', 'second', later()), false, 'letters are told apart')
    t.equal(await there.swap(handle, 'first ', 'second', later()), false, 'and spaces')
    t.equal((await here.read(handle)).text, 'first')
  })

  t.test('swap: of many at once from the same value one is done', async (t) => {
    const handle = newHandle()
    for (const expected of [null, 'a 1'] as const) {
      const swaps = Array.from({ length: 20 }, (_, i) => {
        const next = expected === null ? 'a 1' : `b ${i}`
        return (i % 2 === 0 ? here : there).swap(handle, expected, next, later())
      })
      t.equal((await Promise.all(swaps)).filter(Boolean).length, 1)
    }
  })

  t.test('swap: any text comes back as it was put, and compares with itself', async (t) => {
    const anyText = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'))
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (first, second) => {
        const handle = newHandle()
        t.equal(await here.swap(handle, null, first, later()), true)
        t.equal((await there.read(handle)).text, first)
        t.equal(await there.swap(handle, first, second, later()), true)
        t.equal((await here.read(handle)).text, second)
      }),
      { numRuns: 20 },
    )
  })

  t.test('swap: a value of a hundred endings is no problem', async (t) => {
    const handle = newHandle()
    const long = randomBytes(12_000).toString('base64')
    await here.swap(handle, null, long, later())
    t.equal(await there.swap(handle, long, 'short', later()), true)
  })

  t.test('handles are told apart by every letter', async (t) => {
    const handle = newHandle()
    await here.swap(handle, null, 'mine', later())
    for (const other of [handle.toLowerCase(), `${handle} `, handle.slice(1), `${handle}%`, '%', '*'])
      if (other !== handle) t.equal((await here.read(other)).text, null, other)
  })

  t.test('reads of one moment are each answered with their own value', async (t) => {
    const handles = Array.from({ length: 250 }, newHandle)
    await Promise.all(handles.map((handle) => here.swap(handle, null, `of ${handle}`, later())))
    const readings = await Promise.all(handles.map((handle) => there.read(handle)))
    t.strictSame(
      readings.map(({ text }) => text),
      handles.map((handle) => `of ${handle}`),
    )
  })

  t.test('now: one clock for all instances, that does not go back behind a read', async (t) => {
    let last = 0
    for (let i = 0; i < 20; i++) {
      const instance = i % 2 === 0 ? here : there
      await instance.read('')
      const now = instance.now()
      t.ok(Number.isInteger(now))
      t.ok(now >= last - 1, `${now} after ${last}`) // each engine's own time is cut to a millisecond
      last = now
    }
    t.ok(Math.abs(last - Date.now()) < 60_000, 'the engine and this test are on one machine')
  })

  t.test('every read is signed with the same name, for every instance', async (t) => {
    const names = await Promise.all([here.read(''), there.read(newHandle()), here.read(newHandle())])
    t.equal(new Set(names.map(({ incarnation }) => incarnation)).size, 1)
  })

  t.test('ping: the engine answers', async () => {
    await here.ping()
    await there.ping()
  })
}
