import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import type { Test } from 'tap'
import type { SessionStore, StoredValue } from '../../src/sessions/store.ts'

/** Two instances that use the same store, and a way to have it take no writes any more. */
export type StoreUnderTest = {
  here: SessionStore
  there: SessionStore
  refuseWrites(refuse: boolean): Promise<void>
}

/** What every store promises, in the order of its comments. */
export function storeContract(t: Test, { here, there, refuseWrites }: StoreUnderTest): void {
  const later = () => here.now() + 60_000
  const newHandle = () => randomBytes(12).toString('base64url')

  /** Puts a first value there. */
  async function put(handle: string, text: string, keepUntil = later()): Promise<void> {
    const from = await here.read(handle)
    if (!(await here.swap(handle, from, text, keepUntil))) throw new Error('it was not put there')
  }

  /** What a swap that expects this text compares with. */
  async function expecting(handle: string, text: string | null): Promise<StoredValue> {
    return { ...(await here.read(handle)), text }
  }

  t.test('histories: an answer has the name of one where there is any, the same for all', async (t) => {
    t.equal(here.histories, there.histories)
    const handles = here.histories === 'several' ? ['a', 'a', 'a'] : ['', newHandle(), newHandle()]
    const stores = [here, there, here]
    const values = await Promise.all(stores.map((store, i) => store.read(handles[i] ?? '')))
    t.strictSame(new Set(values.map(({ history, parent }) => `${history} ${parent}`)).size, 1)
    t.equal(values[0]?.history !== '', here.histories !== 'none')
  })

  t.test('read: nothing, before anything was put there', async (t) => {
    t.equal((await here.read(newHandle())).text, null)
    t.equal((await here.read('')).text, null)
  })

  t.test('swap: what one instance puts there the other reads, at once', async (t) => {
    const handle = newHandle()
    const nothing = await here.read(handle)
    t.equal(await here.swap(handle, nothing, 'first', later()), true)
    const first = await there.read(handle)
    t.equal(first.text, 'first')
    t.equal(await there.swap(handle, first, 'second', later()), true)
    t.equal((await here.read(handle)).text, 'second')
  })

  t.test('swap: nothing happens if the value is another by now', async (t) => {
    const handle = newHandle()
    const swapFrom = async (text: string | null) =>
      there.swap(handle, await expecting(handle, text), 'second', later())
    t.equal(await swapFrom('first'), false, 'there is none')
    t.equal((await here.read(handle)).text, null)
    await put(handle, 'first')
    t.equal(await swapFrom(null), false, 'there is one')
    t.equal(await swapFrom('First'), false, 'letters are told apart')
    t.equal(await swapFrom('first '), false, 'and spaces')
    t.equal((await here.read(handle)).text, 'first')
  })

  t.test('swap: nothing happens if the value was read under another history', async (t) => {
    if (here.histories === 'none') return // there is one, and nothing can be lost of it
    const handle = newHandle()
    const nothing = await here.read(handle)
    const another = 'f'.repeat(16)
    t.equal(await here.swap(handle, { ...nothing, history: another }, 'first', later()), false)
    t.equal((await there.read(handle)).text, null)
    await put(handle, 'first')
    const first = await there.read(handle)
    t.equal(await here.swap(handle, { ...first, history: another }, 'second', later()), false)
    t.equal((await there.read(handle)).text, 'first')
    t.equal(await here.swap(handle, first, 'second', later()), true)
  })

  t.test('swap: of many at once from the same value one is done', async (t) => {
    const handle = newHandle()
    for (const expected of [null, 'a 1'] as const) {
      const from = await expecting(handle, expected)
      const swaps = Array.from({ length: 20 }, (_, i) => {
        const next = expected === null ? 'a 1' : `b ${i}`
        return (i % 2 === 0 ? here : there).swap(handle, from, next, later())
      })
      t.equal((await Promise.all(swaps)).filter(Boolean).length, 1)
    }
  })

  t.test('swap: any text comes back as it was put, and compares with itself', async (t) => {
    const anyText = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0'))
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (first, second) => {
        const handle = newHandle()
        await put(handle, first)
        const found = await there.read(handle)
        t.equal(found.text, first)
        t.equal(await there.swap(handle, found, second, later()), true)
        t.equal((await here.read(handle)).text, second)
      }),
      { numRuns: 20 },
    )
  })

  t.test('swap: a value of a hundred endings is no problem', async (t) => {
    const handle = newHandle()
    const long = randomBytes(12_000).toString('base64')
    await put(handle, long)
    t.equal(await there.swap(handle, await there.read(handle), 'short', later()), true)
  })

  t.test('handles are told apart by every letter', async (t) => {
    const handle = newHandle()
    await put(handle, 'mine')
    for (const other of [handle.toLowerCase(), `${handle} `, handle.slice(1), `${handle}%`, '%', '*'])
      if (other !== handle) t.equal((await here.read(other)).text, null, other)
  })

  t.test('reads of one moment are each answered with their own value', async (t) => {
    const handles = Array.from({ length: 250 }, newHandle)
    await Promise.all(handles.map((handle) => put(handle, `of ${handle}`)))
    const values = await Promise.all(handles.map((handle) => there.read(handle)))
    t.strictSame(
      values.map(({ text }) => text),
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
      t.ok(now >= last - 1, `${now} after ${last}`) // each store's own time is cut to a millisecond
      last = now
    }
    t.ok(Math.abs(last - Date.now()) < 60_000, 'the store and this test are on one machine')
  })

  t.test('ping: the store answers and takes writes, and keeps nothing of it', async (t) => {
    await here.ping()
    await there.ping()
    t.equal((await here.read('')).text, null)
    const handle = newHandle()
    await put(handle, 'first')
    await refuseWrites(true)
    t.equal((await here.read(handle)).text, 'first', 'it does answer')
    await t.rejects(here.ping(), { code: 'store_unavailable' })
    await t.rejects(there.ping(), { code: 'store_unavailable' })
    await refuseWrites(false)
    await here.ping()
    await there.ping()
  })
}
