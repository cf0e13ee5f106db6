import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { LoginNumbers, NumberedUser, Raise } from '../../../src/sessions/numbers.ts'
import { newHandle } from '../../../src/sessions/token.ts'
import { LOGIN, newUser, OF_NO_HISTORY, type TwoInstances } from './two-instances.ts'

/** What `LoginNumbers` promises, in the order of its comments. */
export function loginNumbersContract(t: Test, { here: one, there: other }: TwoInstances): void {
  const [here, there] = [one.numbers, other.numbers]

  t.test('find: by handle or by id, and null for nobody', async (t) => {
    const user = await newUser(one)
    t.strictSame(await there.find({ handle: user.handle }), user)
    t.strictSame(await there.find({ id: user.id }), user)
    t.equal(await here.find({ handle: user.id }), null)
    t.equal(await here.find({ id: user.handle }), null)
    t.equal(await here.find({ id: '' }), null)
  })

  t.test('find: with `create` a user who is not there is added, with number 0', async (t) => {
    const [id, handle] = [`new ${randomBytes(6).toString('hex')}`, newHandle(randomBytes)]
    t.equal(await here.find({ id }), null, 'and not without')
    t.strictSame(await here.find({ id, create: handle }), {
      ...{ id, handle, number: 0, credentialNumber: 0, roles: [] },
      ...{ disabled: false, deleted: false, data: null },
    })
  })

  t.test('find: with `create` one who is there stays as they are', async (t) => {
    const { id, handle } = await newUser(one)
    await here.raise(handle, { ...LOGIN, login: { expiresAt: 1, roles: ['editor'] } })
    const found = await there.find({ id, create: newHandle(randomBytes) })
    t.match(found, { id, handle, number: 1, roles: ['editor'] })
  })

  t.test('find: of many who create a user at once all get the same one', async (t) => {
    for (let round = 0; round < 5; round++) {
      const id = `many ${randomBytes(6).toString('hex')}`
      const found = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? here : there).find({ id, create: newHandle(randomBytes) }),
        ),
      )
      t.equal(new Set(found.map((user) => user?.handle)).size, 1)
    }
  })

  t.test('find: ids are any text, compared as they are', async (t) => {
    const ids = [
      'ann',
      'Ann',
      ' ann',
      'ann ',
      'Zoë',
      'Zoë'.normalize('NFD'),
      '%',
      "' OR 1=1 --",
      '😀\t\n',
    ]
    const tag = randomBytes(6).toString('hex')
    const made = []
    for (const id of [...ids, 'x'.repeat(128)])
      made.push(await here.find({ id: `${id}${tag}`, create: newHandle(randomBytes) }))
    t.equal(new Set(made.map((user) => user?.handle)).size, made.length)
    for (const user of made) t.strictSame(await there.find({ id: user?.id ?? '' }), user)
  })

  t.test('raise: one more, or above a number; nobody’s is null', async (t) => {
    const { id, handle } = await newUser(one)
    t.match(await here.raise(handle, LOGIN), { id, handle, number: 1, credentialNumber: 0 })
    t.match(await there.raise(handle, { ...LOGIN, above: 1 }), { number: 2 })
    t.match(await here.raise(handle, { ...LOGIN, above: 40 }), { number: 41 })
    t.match(await here.raise(handle, { ...LOGIN, above: 7 }), { number: 42 })
    t.match(await there.find({ handle }), { number: 42 }, 'and every instance sees it')
    t.equal(await here.raise('nobody', LOGIN), null)
    t.equal(await there.find({ handle: 'nobody' }), null)
  })

  t.test('raise: no number twice, and only upwards, however many ask at once', async (t) => {
    const { handle } = await newUser(one)
    const inTurn = async (numbers: LoginNumbers, above: number) => {
      const mine: number[] = []
      for (let i = 0; i < 10; i++) mine.push(numberOf(await numbers.raise(handle, { ...LOGIN, above })))
      return mine
    }
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, i) => inTurn(i % 2 === 0 ? here : there, i)),
    )
    t.equal(new Set(all.flat()).size, 80)
    for (const mine of all) t.strictSame(mine, mine.toSorted(upwards))
    t.match(await here.find({ handle }), { number: Math.max(...all.flat()) })
  })

  t.test('raise: keeps what for, in one transaction', async (t) => {
    const user = await newUser(one)
    const purpose = { kind: 'login', sessionId: 's-1', note: '{"any":"text"}' } as const
    await here.raise(user.handle, { ...LOGIN, above: 6, purpose })
    t.match(await other.changes.openOf(user.id), [
      { userId: user.id, handle: user.handle, number: 7, ...purpose },
    ])
    const broken = one.db.transaction(function* () {
      yield* one.parts.raise(user.handle, LOGIN)
      throw new Error('what else it was to change cannot be changed')
    })
    await t.rejects(broken, { message: /what else/ })
    t.match(await there.find({ handle: user.handle }), { number: 7 })
    t.equal((await other.changes.openOf(user.id)).length, 1, 'neither the one nor the other')
  })

  t.test('raise: for a login, keeps what the application says of the user', async (t) => {
    const { handle } = await newUser(one)
    const raise = async (login: NonNullable<Raise['login']>) =>
      (await here.raise(handle, { ...LOGIN, login })) as NumberedUser
    const data = { name: 'Ann', nested: { list: [1, null, 'é'] } }
    const first = await raise({ expiresAt: 9, roles: ['editor', 'author'], data })
    t.match(first, { roles: ['editor', 'author'], data })
    t.strictSame(await there.find({ handle }), first, 'it gives the user as they are under this number')
    t.match(await raise({ expiresAt: 9 }), { roles: ['editor', 'author'], data }, 'absent: it stays')
    t.match(await raise({ expiresAt: 9, data: null }), { roles: ['editor', 'author'], data: null })
    t.match(await raise({ expiresAt: 9, roles: [] }), { roles: [], data: null })
  })

  t.test('raise: under a history that is not in use nothing happens', async (t) => {
    const { id, handle } = await newUser(one)
    const stamp = await one.histories.open('history-a', '', false)
    const raise = (history: string, stamp: string) =>
      there.raise(handle, { ...LOGIN, under: { history, stamp } })
    t.match(await raise('history-a', stamp), { number: 1 })
    for (const [history, other] of [
      ['history-b', stamp],
      ['history-a', `${stamp}x`],
      ['history-a', ''],
      ['', stamp],
    ] as const)
      t.equal(await raise(history, other), 'outdated', `${history} ${other}`)
    t.match(await here.find({ handle }), { number: 1 })
    t.equal((await other.changes.openOf(id)).length, 1)
    await other.histories.open('history-b', 'history-a', false)
    t.equal(await raise('history-a', stamp), 'outdated')
    t.match(await here.raise(handle, OF_NO_HISTORY), { number: 2 }, 'where the store has none')
  })

  t.test('raise: none is raised under a history once another is known to be in use', async (t) => {
    const { handle } = await newUser(one)
    for (let round = 0; round < 30; round++) {
      const [from, to] = [`from ${round}`, `to ${round}`]
      const stamp = await one.histories.open(from, '', false)
      const under = { history: from, stamp }
      const raises = Array.from({ length: 4 }, () => here.raise(handle, { ...LOGIN, under }))
      const known = other.histories.open(to, from, false).then(() => there.find({ handle }))
      const numbers = (await Promise.all(raises)).filter((raised) => raised !== 'outdated')
      const { number } = (await known) as NumberedUser
      for (const raised of numbers) t.ok(numberOf(raised) <= number, 'whoever took it into use sees it')
    }
  })
}

function numberOf(raised: NumberedUser | 'outdated' | null): number {
  if (raised === null || raised === 'outdated') throw new Error(`it was not raised: ${raised}`)
  return raised.number
}

function upwards(a: number, b: number): number {
  return a - b
}
