import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { Account, Accounts, NewAccount } from '../../src/accounts/accounts.ts'
import { newHandle } from '../../src/sessions/token.ts'

/** What every SQL database promises, in the order of the comments of `Accounts`: two instances use the same one. */
export function accountsContract(t: Test, here: Accounts, there: Accounts): void {
  t.test('create: an account as it was wished for, that every instance finds', async (t) => {
    const wish = { ...anyAccount(), roles: ['editor', 'admin'] }
    const { passwordHash, ...rest } = wish
    const account = await here.create(wish)
    t.strictSame(account, {
      ...rest,
      ...{ disabled: false, epoch: 0, credentialEpoch: 0, lastLoginAt: null },
    })
    t.strictSame(await there.findByUsername(wish.username), { ...account, passwordHash })
    t.strictSame(await there.findByHandle(wish.handle), account)
    t.strictSame(await there.findById(wish.id), account)
  })

  t.test('create: of many with one name one is made, at any time', async (t) => {
    const { username } = anyAccount()
    const wishes = Array.from({ length: 20 }, () => ({ ...anyAccount(), username }))
    const made = await Promise.allSettled(
      wishes.map((wish, i) => (i % 2 === 0 ? here : there).create(wish)),
    )
    t.equal(made.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const each of made)
      if (each.status === 'rejected') t.match(each.reason, { code: 'username_taken' })
    await t.rejects(here.create({ ...anyAccount(), username }), { code: 'username_taken' })
  })

  t.test('create: one account for names that look the same', async (t) => {
    const mark = randomBytes(9).toString('hex')
    await here.create({ ...anyAccount(), username: `${mark}-paypal` })
    const lookalike = { ...anyAccount(), username: `${mark}-paypa1` }
    await t.rejects(there.create(lookalike), { code: 'username_taken' })
    t.equal(await here.findById(lookalike.id), null)
  })

  t.test('findTaken: names that are taken, or look like one that is', async (t) => {
    const { username } = await here.create({
      ...anyAccount(),
      username: `tom${randomBytes(9).toString('hex')}`,
    })
    const names = [
      anyAccount().username,
      username,
      username.replace('tom', 'torn'),
      anyAccount().username,
    ]
    t.strictSame(await there.findTaken(names), names.slice(1, 3))
    t.strictSame(await there.findTaken([]), [])
  })

  t.test('createAll: those whose names are free, at once', async (t) => {
    const taken = await here.create(anyAccount())
    const fresh = [anyAccount(), anyAccount()] as const
    const twice = { ...anyAccount(), username: fresh[0].username }
    const late = { ...anyAccount(), username: taken.username }
    t.strictSame(await here.createAll([fresh[0], late, fresh[1], twice]), [late, twice])
    for (const { id } of fresh) t.match(await there.findById(id), { id })
    for (const { id } of [late, twice]) t.equal(await there.findById(id), null)
    t.strictSame(await here.createAll([]), [])
  })

  t.test('sampleHashes: some hashes, at most so many', async (t) => {
    for (const passwordHash of ['one', 'other']) await here.create({ ...anyAccount(), passwordHash })
    t.equal((await there.sampleHashes(2)).length, 2)
    const all = await there.sampleHashes(10_000)
    for (const passwordHash of ['one', 'other']) t.ok(all.includes(passwordHash))
  })

  t.test('find: nobody is null, and names are compared whole and by every letter', async (t) => {
    const { username, handle, id } = await here.create(anyAccount())
    for (const name of ['', '%', `${username} `, username.slice(1), username.toUpperCase()])
      t.equal(await here.findByUsername(name), null, name)
    t.equal(await here.findByHandle(`${handle}x`), null)
    t.equal(await here.findById(id.slice(1)), null)
    t.equal(await here.findByUsername("' OR 1=1 --"), null)
  })

  t.test('raise: one more, or above a number; nobody’s is null', async (t) => {
    const { id } = await here.create(anyAccount())
    t.match(await here.raise(id, 0), { id, epoch: 1, lastLoginAt: null })
    t.match(await there.raise(id, 1), { epoch: 2 })
    t.match(await here.raise(id, 40), { epoch: 41 })
    t.match(await here.raise(id, 7, 1_700_000_000_000), { epoch: 42, lastLoginAt: 1_700_000_000_000 })
    t.match(await here.raise(id, 0), { epoch: 43, lastLoginAt: 1_700_000_000_000 }, 'no login')
    t.equal(await here.raise('nobody', 0), null)
  })

  t.test('raise: no number twice, and only upwards, however many ask at once', async (t) => {
    const { id } = await here.create(anyAccount())
    const raised = await Promise.all(
      Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? here : there).raise(id, i % 7)),
    )
    const numbers = raised.map((account) => account?.epoch)
    t.equal(new Set(numbers).size, 60)
    t.match(await here.findById(id), { epoch: Math.max(...numbers.map(Number)) })
  })

  t.test(
    'setPassword: under the next number, if the password is still the one that was known',
    async (t) => {
      const account = await here.create(anyAccount())
      await here.raise(account.id, 4)
      const changes = await Promise.all([
        here.setPassword(account.id, 0, 'one'),
        there.setPassword(account.id, 0, 'other'),
      ])
      t.strictSame(
        changes
          .filter((change) => change !== null)
          .map(({ epoch, credentialEpoch }) => [epoch, credentialEpoch]),
        [[6, 6]],
      )
      const now = changes[0] === null ? 'other' : 'one'
      t.match(await here.findByUsername(account.username), { passwordHash: now })
      t.equal(await here.setPassword('nobody', 0, 'x'), null)
    },
  )

  t.test('change: roles and flags, what is absent stays, and the number goes up', async (t) => {
    const { id } = await here.create(anyAccount())
    t.match(await here.change(id, { roles: ['author'] }, 5), {
      roles: ['author'],
      disabled: false,
      epoch: 1,
    })
    t.match(await there.change(id, { disabled: true }, 5), {
      roles: ['author'],
      disabled: true,
      epoch: 2,
    })
    t.match(await here.change(id, { disabled: false, roles: [] }, 5), { roles: [], disabled: false })
    t.match(await here.change(id, {}, 5), { epoch: 4 })
    t.equal(await here.change('nobody', { roles: [] }, 5), null)
  })

  t.test('rehash: in place of the hash that was verified, and of no other', async (t) => {
    const { id, username } = await here.create({ ...anyAccount(), passwordHash: 'weak' })
    await Promise.all([here.rehash(id, 'weak', 'strong'), there.rehash(id, 'weak', 'strong too')])
    const { passwordHash } = (await here.findByUsername(username)) as { passwordHash: string }
    t.match(passwordHash, /^strong/)
    await here.rehash(id, 'weak', 'late')
    t.match(await here.findByUsername(username), { passwordHash, epoch: 0, credentialEpoch: 0 })
  })

  t.test('list: by name, page by page, each once; searched by any part of it', async (t) => {
    const mark = randomBytes(4).toString('hex')
    for (const tail of ['c', 'a', 'b%x', 'b_x', 'b\\x', "b'x"])
      await here.create({ ...anyAccount(), username: `${mark}-${tail}` })
    const names = async (page: Parameters<Accounts['list']>[0]) =>
      (await there.list(page)).map(({ username }) => username.slice(mark.length + 1))
    const all = await names({ after: `${mark}-`, limit: 6 })
    t.strictSame(all.toSorted(), ['a', "b'x", 'b%x', 'b\\x', 'b_x', 'c'].toSorted())
    t.equal(all[0], 'a')
    t.equal(all.at(-1), 'c')
    t.strictSame(await names({ after: `${mark}-${all[1]}`, limit: 2 }), all.slice(2, 4))
    for (const search of ['%x', '_x', '\\x', "'x"])
      t.strictSame(await names({ after: mark, limit: 9, search: `${mark}-b${search}` }), [`b${search}`])
    t.strictSame(await names({ after: mark, limit: 9, search: `${mark}.` }), [])
  })

  t.test('listRecent: who signed in since, latest first, page by page, each once', async (t) => {
    const since = 4_000_000_000_000 + Math.floor(Math.random() * 1e9) * 1_000
    const made: Account[] = []
    for (const ago of [1, 2, 2, 2, 3]) {
      const { id } = await here.create(anyAccount())
      made.push((await here.raise(id, 0, since + 10 - ago)) as Account)
    }
    const before = await here.create(anyAccount())
    await here.raise(before.id, 0, since)
    const seen: Account[] = []
    for (;;) {
      const last = seen.at(-1)
      const after = last === undefined ? null : { id: last.id, lastLoginAt: last.lastLoginAt as number }
      const page = await there.listRecent({ since, after, limit: 2 })
      const mine = page.filter(({ id }) => made.some((each) => each.id === id))
      seen.push(...mine)
      if (page.length < 2) break
    }
    t.strictSame(
      seen.map(({ lastLoginAt }) => since + 10 - (lastLoginAt as number)),
      [1, 2, 2, 2, 3],
    )
    t.equal(new Set(seen.map(({ id }) => id)).size, 5)
  })

  t.test('ping, close: a database that is closed is away', async (t) => {
    await here.ping()
    await there.ping()
    await there.close()
    const away = { code: 'store_unavailable' }
    await t.rejects(there.ping(), away)
    await t.rejects(there.create(anyAccount()), away)
    await t.rejects(there.createAll([anyAccount()]), away)
    await t.rejects(there.findTaken(['ann']), away)
    await t.rejects(there.sampleHashes(1), away)
    await t.rejects(there.findByUsername('ann'), away)
    await t.rejects(there.raise('u', 0), away)
    await here.ping()
  })
}

function anyAccount(): NewAccount {
  return {
    id: randomBytes(9).toString('base64url'),
    handle: newHandle(randomBytes),
    username: randomBytes(9).toString('hex'),
    passwordHash: 'hash',
    roles: [],
    createdAt: 1_700_000_000_000,
  }
}
