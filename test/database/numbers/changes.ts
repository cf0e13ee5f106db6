import { sql } from 'kysely'
import type { Test } from 'tap'
import { queriesFor } from '../../../src/database/tables.ts'
import type { OpenChange } from '../../../src/sessions/numbers.ts'
import { type Instance, LOGIN, newUser, OF_NO_HISTORY, type TwoInstances } from './two-instances.ts'

const MINUTE = 60_000

/** What `Changes` promises, in the order of its comments. */
export function changesContract(t: Test, { here, there }: TwoInstances): void {
  t.test('openOf: those of a user, lowest number first', async (t) => {
    const [ann, bob] = [await newUser(here), await newUser(here)]
    await here.numbers.raise(ann.handle, { ...LOGIN, above: 8 })
    await there.numbers.raise(bob.handle, LOGIN)
    await there.numbers.raise(ann.handle, OF_NO_HISTORY)
    await here.numbers.raise(ann.handle, { ...LOGIN, above: 98 })
    const open = await there.changes.openOf(ann.id)
    t.strictSame(
      open.map(({ age: _, ...change }) => change),
      [
        { userId: ann.id, handle: ann.handle, number: 9, ...LOGIN.purpose },
        { userId: ann.id, handle: ann.handle, number: 10, ...OF_NO_HISTORY.purpose },
        { userId: ann.id, handle: ann.handle, number: 99, ...LOGIN.purpose },
      ],
    )
    for (const { age } of open) t.ok(age >= 0 && age < MINUTE && Number.isInteger(age), String(age))
    t.strictSame(await here.changes.openOf('nobody'), [])
  })

  t.test('openFor: those that are so old, oldest first, at most so many', async (t) => {
    await here.changes.close(closed(await here.changes.openFor(-MINUTE, 1_000)))
    const users = []
    for (const ago of [3, 1, 2, 4]) {
      const user = await newUser(here)
      await here.numbers.raise(user.handle, OF_NO_HISTORY)
      await letPass(here, user.id, ago * MINUTE)
      users.push(user)
    }
    const [three, one, two, four] = users.map(({ id }) => id)
    const openFor = async (age: number, limit: number) =>
      (await there.changes.openFor(age, limit)).map(({ userId }) => userId)
    t.strictSame(await openFor(0, 9), [four, three, two, one])
    t.strictSame(await openFor(0, 2), [four, three])
    t.strictSame(await openFor(2.5 * MINUTE, 9), [four, three])
    t.strictSame(await openFor(9 * MINUTE, 9), [])
    const [oldest] = await there.changes.openFor(0, 1)
    t.ok((oldest?.age ?? 0) >= 4 * MINUTE)
    t.match(oldest, { handle: users[3]?.handle, number: 1, kind: 'update' })
  })

  t.test('openFor: those from before the clock was set back, too', async (t) => {
    await here.changes.close(closed(await here.changes.openFor(-MINUTE, 1_000)))
    const user = await newUser(here)
    await here.numbers.raise(user.handle, OF_NO_HISTORY)
    await letPass(here, user.id, -60 * MINUTE)
    const [found] = await there.changes.openFor(30 * MINUTE, 9)
    t.match(found, { userId: user.id })
    const [open] = await there.changes.openOf(user.id)
    t.ok((open?.age ?? 0) > 30 * MINUTE, 'which nobody takes to be under way')
  })

  t.test('openFor: of one moment, lowest number first', async (t) => {
    await here.changes.close(closed(await here.changes.openFor(-MINUTE, 1_000)))
    const { id, handle } = await newUser(here)
    for (let i = 0; i < 12; i++) await here.numbers.raise(handle, OF_NO_HISTORY)
    await here.db.run(
      queriesFor(here.db).updateTable('oneseat_changes').set({ at: 1 }).where('user_id', '=', id),
    )
    const numbers = (await there.changes.openFor(0, 99)).map(({ number }) => number)
    t.strictSame(
      numbers,
      Array.from({ length: 12 }, (_, i) => i + 1),
    )
  })

  t.test('close: these and no others, on every instance; again is no error', async (t) => {
    const [ann, bob] = [await newUser(here), await newUser(here)]
    for (const { handle } of [ann, ann, ann, bob]) await here.numbers.raise(handle, OF_NO_HISTORY)
    const [first, , third] = await here.changes.openOf(ann.id)
    await there.changes.close(closed([first, third] as OpenChange[]))
    t.strictSame(
      (await here.changes.openOf(ann.id)).map(({ number }) => number),
      [2],
    )
    t.equal((await there.changes.openOf(bob.id)).length, 1)
    await Promise.all([
      here.changes.close(closed([first] as OpenChange[])),
      there.changes.close(closed([first] as OpenChange[])),
    ])
    await here.changes.close([])
    t.equal((await here.changes.openOf(ann.id)).length, 1)
    t.match(await there.numbers.find({ id: ann.id }), { number: 3 }, 'the number stays as it is')
  })

  t.test('close: as a part of a transaction, it is done with the rest or not at all', async (t) => {
    const { id, handle } = await newUser(here)
    await here.numbers.raise(handle, OF_NO_HISTORY)
    const open = closed(await here.changes.openOf(id))
    const broken = here.db.transaction(function* () {
      yield* here.parts.close(open)
      throw new Error('the rest')
    })
    await t.rejects(broken, { message: 'the rest' })
    t.equal((await there.changes.openOf(id)).length, 1)
    const all = await Promise.all(
      [here, there, here, there].map((one) => one.db.transaction(() => one.parts.close(open))),
    )
    t.strictSame(all.flat(), open, 'one of all who close it is given it')
    t.equal((await there.changes.openOf(id)).length, 0)
  })
}

function closed(changes: readonly OpenChange[]) {
  return changes.map((change) => ({ ...change, did: null }))
}

/** Makes the open changes of a user so much older. */
async function letPass({ db }: Instance, userId: string, ms: number): Promise<void> {
  const update = queriesFor(db)
    .updateTable('oneseat_changes')
    .set({ at: sql`at - ${ms}` })
  await db.run(update.where('user_id', '=', userId))
}
