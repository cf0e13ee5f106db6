import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { Account, Accounts, NewAccount, OnlineCandidate } from '../../src/accounts/accounts.ts'
import type { LoginNumbers } from '../../src/sessions/numbers.ts'
import { newHandle } from '../../src/sessions/token.ts'
import type { Timeline } from '../../src/timeline/timeline.ts'
import { RAISE } from '../support/accounts.ts'
import { REGISTERED } from '../support/service.ts'

/** What the accounts of one instance stand on. */
export type AccountsUnderTest = { accounts: Accounts; numbers: LoginNumbers; timeline: Timeline }

/** What every SQL database promises, in the order of the comments of `Accounts`: two instances use the same one. */
export function accountsContract(t: Test, one: AccountsUnderTest, other: AccountsUnderTest): void {
  const [here, there] = [one.accounts, other.accounts]

  t.test('create: an account as it was wished for, that every instance finds', async (t) => {
    const wish = { ...anyAccount(), roles: ['editor', 'admin'] }
    const { passwordHash, ...rest } = wish
    const account = await here.create(wish, REGISTERED)
    t.strictSame(account, {
      ...rest,
      ...{ disabled: false, credentialNumber: 0, lastLoginAt: null, disputed: null },
      ...{ email: null, mustChangePassword: false },
    })
    t.strictSame(await there.findByUsername(wish.username), { ...account, passwordHash })
    t.strictSame(await there.findById(wish.id), account)
  })

  t.test('create: the login numbers know the user, with what comes back with each check', async (t) => {
    const { id, handle, username, createdAt } = await here.create(
      { ...anyAccount(), roles: ['editor'] },
      REGISTERED,
    )
    const user = { id, handle, number: 0, credentialNumber: 0, roles: ['editor'] }
    t.strictSame(await other.numbers.find({ handle }), {
      ...user,
      ...{ disabled: false, deleted: false, data: { username, createdAt } },
    })
  })

  t.test('create: keeps what happened with it', async (t) => {
    const { id } = await here.create(anyAccount(), { ...REGISTERED, at: 5, ip: '192.0.2.0/24' })
    const events = await other.timeline.list(id, { before: null, limit: 9 })
    t.match(events, [{ userId: id, type: 'registered', at: 5, ip: '192.0.2.0/24' }])
    t.equal(events.length, 1)
  })

  t.test('create: of many with one name one is made, at any time, and told of', async (t) => {
    const { username } = anyAccount()
    const wishes = Array.from({ length: 20 }, () => ({ ...anyAccount(), username }))
    const made = await Promise.allSettled(
      wishes.map((wish, i) => (i % 2 === 0 ? here : there).create(wish, REGISTERED)),
    )
    t.equal(made.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const [i, each] of made.entries()) {
      const events = await one.timeline.list(wishes[i]?.id ?? '', { before: null, limit: 9 })
      t.equal(events.length, each.status === 'fulfilled' ? 1 : 0)
      if (each.status === 'rejected') t.match(each.reason, { code: 'username_taken' })
    }
    const late = { ...anyAccount(), username }
    await t.rejects(here.create(late, REGISTERED), { code: 'username_taken' })
    t.equal(await here.findById(late.id), null)
    t.equal(await one.numbers.find({ id: late.id }), null, 'and nothing is left of it')
  })

  t.test('create: one account for names that look the same', async (t) => {
    const mark = randomBytes(9).toString('hex')
    await here.create({ ...anyAccount(), username: `${mark}-paypal` }, REGISTERED)
    const lookalike = { ...anyAccount(), username: `${mark}-paypa1` }
    await t.rejects(there.create(lookalike, REGISTERED), { code: 'username_taken' })
    t.equal(await here.findById(lookalike.id), null)
  })

  t.test('findTaken: names that are taken, or look like one that is', async (t) => {
    const wish = { ...anyAccount(), username: `tom${randomBytes(9).toString('hex')}` }
    const { username } = await here.create(wish, REGISTERED)
    const lookalike = username.replace('tom', 'torn')
    const names = [anyAccount().username, username, lookalike, anyAccount().username]
    t.strictSame(await there.findTaken(names), names.slice(1, 3))
    t.strictSame(await there.findTaken([]), [])
  })

  t.test('createAll: those whose names are free, each told of; the others are given', async (t) => {
    const taken = await here.create(anyAccount(), REGISTERED)
    const fresh = [anyAccount(), anyAccount()] as const
    const twice = { ...anyAccount(), username: fresh[0].username }
    const late = { ...anyAccount(), username: taken.username }
    const wishes = [fresh[0], late, fresh[1], twice]
    t.strictSame(await here.createAll(wishes, REGISTERED), [late, twice])
    for (const { id } of fresh) {
      t.match(await there.findById(id), { id })
      const events = await one.timeline.list(id, { before: null, limit: 9 })
      t.match(events, [{ type: 'registered' }])
    }
    for (const { id } of [late, twice]) t.equal(await there.findById(id), null)
    t.strictSame(await here.createAll([], REGISTERED), [])
  })

  t.test('sampleHashes: some hashes, at most so many', async (t) => {
    for (const passwordHash of ['one', 'other']) {
      await here.create({ ...anyAccount(), passwordHash }, REGISTERED)
    }
    t.equal((await there.sampleHashes(2)).length, 2)
    const all = await there.sampleHashes(10_000)
    for (const passwordHash of ['one', 'other']) t.ok(all.includes(passwordHash))
  })

  t.test('find: nobody is null, and names are compared whole and by every letter', async (t) => {
    const { username, id } = await here.create(anyAccount(), REGISTERED)
    for (const name of ['', '%', `${username} `, username.slice(1), username.toUpperCase()])
      t.equal(await here.findByUsername(name), null, name)
    t.equal(await here.findById(id.slice(1)), null)
    t.equal(await here.findByUsername("' OR 1=1 --"), null)
  })

  t.test(
    'change of a password: under the next number, if the password is still the one that was known',
    async (t) => {
      const account = await here.create(anyAccount(), REGISTERED)
      await one.numbers.raise(account.handle, { ...RAISE, above: 4 })
      const changes = await Promise.all([
        setPassword(here, account, 0, 'one')(RAISE),
        setPassword(there, account, 0, 'other')(RAISE),
      ])
      const done = changes.filter((change) => change !== null)
      t.match(done, [{ id: account.id, number: 6, credentialNumber: 6 }])
      t.equal(done.length, 1)
      const now = changes[0] === null ? 'other' : 'one'
      t.match(await here.findByUsername(account.username), { passwordHash: now, credentialNumber: 6 })
      const above = { ...RAISE, above: 40 }
      t.match(await setPassword(here, account, 6, 'third')(above), { number: 41, credentialNumber: 41 })
      t.equal(await setPassword(here, { id: 'nobody', handle: 'nobody' }, 0, 'x')(RAISE), null)
    },
  )

  t.test('change of a password: under a history that is not in use, nothing happens', async (t) => {
    const account = await here.create(anyAccount(), REGISTERED)
    const under = { history: 'gone', stamp: 'gone' }
    t.equal(await setPassword(here, account, 0, 'x')({ ...RAISE, under }), 'outdated')
    t.match(await here.findByUsername(account.username), { passwordHash: 'hash', credentialNumber: 0 })
  })

  t.test('change: roles and flags, what is absent stays, and the number goes up', async (t) => {
    const account = await here.create(anyAccount(), REGISTERED)
    const { id } = account
    t.match(await here.change(account, { roles: ['author'] })(RAISE), {
      roles: ['author'],
      disabled: false,
      number: 1,
    })
    t.match(await there.change(account, { disabled: true })(RAISE), {
      roles: ['author'],
      disabled: true,
      number: 2,
    })
    t.match(await there.findById(id), { roles: ['author'], disabled: true })
    t.match(await here.change(account, { disabled: false, roles: [] })(RAISE), {
      roles: [],
      disabled: false,
    })
    t.match(await here.change(account, {})(RAISE), { number: 4, credentialNumber: 0 })
    t.match(await here.change(account, {})({ ...RAISE, above: 40 }), { number: 41 })
    t.equal(await here.change({ id: 'nobody', handle: 'nobody' }, { roles: [] })(RAISE), null)
    const under = { history: 'gone', stamp: 'gone' }
    t.equal(await here.change(account, { disabled: true })({ ...RAISE, under }), 'outdated')
    t.match(await there.findById(id), { roles: [], disabled: false })
  })

  t.test('rehash: in place of the hash that was verified, and of no other', async (t) => {
    const wish = { ...anyAccount(), passwordHash: 'weak' }
    const { id, username, handle } = await here.create(wish, REGISTERED)
    await Promise.all([here.rehash(id, 'weak', 'strong'), there.rehash(id, 'weak', 'strong too')])
    const { passwordHash } = (await here.findByUsername(username)) as { passwordHash: string }
    t.match(passwordHash, /^strong/)
    await here.rehash(id, 'weak', 'late')
    t.match(await here.findByUsername(username), { passwordHash, credentialNumber: 0 })
    t.match(await one.numbers.find({ handle }), { number: 0 })
  })

  t.test('list: by name, page by page, each once; searched by any part of it', async (t) => {
    const mark = randomBytes(4).toString('hex')
    for (const tail of ['c', 'a', 'b%x', 'b_x', 'b\\x', "b'x"])
      await here.create({ ...anyAccount(), username: `${mark}-${tail}` }, REGISTERED)
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

  t.test('listOnline: who can still be signed in, latest first, page by page, each once', async (t) => {
    const now = 4_000_000_000_000 + Math.floor(Math.random() * 1e9) * 1_000
    const made: Account[] = []
    for (const left of [3, 2, 2, 2, 1]) made.push(await signedIn(now + left))
    const gone = await signedIn(now)
    await signedIn(now - 1)
    const seen: OnlineCandidate[] = []
    for (;;) {
      const page = await there.listOnline({ now, after: seen.at(-1) ?? null, limit: 2 })
      seen.push(...page)
      if (page.length < 2) break
    }
    const mine = seen.filter(({ id }) => made.some((each) => each.id === id) || id === gone.id)
    t.strictSame(
      mine.map(({ liveUntil }) => liveUntil - now),
      [3, 2, 2, 2, 1],
    )
    const { id, handle, username } = made[0] as Account
    t.strictSame(mine[0], { id, handle, username, liveUntil: now + 3 })
    t.equal(new Set(seen.map(({ id }) => id)).size, seen.length)
  })

  t.test('listOnline: a later login with a shorter life does not hide the one before', async (t) => {
    const now = 7_000_000_000_000 + Math.floor(Math.random() * 1e9) * 1_000
    const { id, handle } = await signedIn(now + 10)
    await other.numbers.raise(handle, { ...RAISE, login: { expiresAt: now - 5 } })
    await other.numbers.raise(handle, RAISE)
    const page = await there.listOnline({ now, after: null, limit: 99 })
    t.match(
      page.filter((each) => each.id === id),
      [{ liveUntil: now + 10 }],
    )
  })

  t.test('listOnline: somebody of whom nothing but an id is known goes by that', async (t) => {
    const now = 9_000_000_000_000
    const id = `somebody ${randomBytes(4).toString('hex')}`
    const handle = newHandle(randomBytes)
    await one.numbers.find({ id, create: handle })
    const login = { expiresAt: now + 1, data: { username: ['no', 'name'] } }
    await one.numbers.raise(handle, { ...RAISE, login })
    const page = await there.listOnline({ now, after: null, limit: 99 })
    t.match(
      page.filter((each) => each.id === id),
      [{ username: id, handle }],
    )
  })

  t.test('ping: the database answers', async () => {
    await here.ping()
    await there.ping()
  })

  /** A user whose session can live until then. */
  async function signedIn(expiresAt: number): Promise<Account> {
    const account = await here.create(anyAccount(), REGISTERED)
    await one.numbers.raise(account.handle, { ...RAISE, login: { expiresAt } })
    return account
  }
}

/** What a database that is closed answers. */
export async function closedIsAway(t: Test, { accounts }: AccountsUnderTest): Promise<void> {
  const away = { code: 'store_unavailable' }
  const account = { id: 'u', handle: 'h' }
  await t.rejects(accounts.ping(), away)
  await t.rejects(accounts.create(anyAccount(), REGISTERED), away)
  await t.rejects(accounts.createAll([anyAccount()], REGISTERED), away)
  await t.rejects(accounts.findTaken(['ann']), away)
  await t.rejects(accounts.sampleHashes(1), away)
  await t.rejects(accounts.findByUsername('ann'), away)
  await t.rejects(accounts.change(account, { roles: [] })(RAISE), away)
  await t.rejects(setPassword(accounts, account, 0, 'x')(RAISE), away)
}

export function anyAccount(): NewAccount {
  return {
    id: randomBytes(9).toString('base64url'),
    handle: newHandle(randomBytes),
    username: randomBytes(9).toString('hex'),
    passwordHash: 'hash',
    roles: [],
    createdAt: 1_700_000_000_000,
  }
}

/** Another password, while it is the one that was set at this number. */
function setPassword(
  accounts: Accounts,
  account: Pick<Account, 'id' | 'handle'>,
  ifCredential: number,
  passwordHash: string,
) {
  return accounts.change(account, { passwordHash }, { ifCredential })
}
