import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { openPasswords, type Passwords } from '../../src/accounts/passwords.ts'
import { verifyWith } from '../../src/accounts/sign-in.ts'
import { signUpWith } from '../../src/accounts/sign-up.ts'
import { openAccounts, RAISE } from '../support/accounts.ts'
import { PASSWORD } from '../support/browser.ts'
import { REGISTERED } from '../support/service.ts'
import { anyAccount } from './contract.ts'

const WEAK = openPasswords({ memoryKib: 8, passes: 1, concurrency: 2, queue: 64 })
const STRONG = openPasswords({ memoryKib: 16, passes: 2, concurrency: 2, queue: 64 })

const unheard = () => {
  throw new Error('every hash here can be read')
}

t.test('who is signed up signs in, however the name is typed', async (t) => {
  const { accounts, signUp } = await open(t)
  const account = await signUp({ username: 'Ann', password: PASSWORD, roles: ['editor'] }, REGISTERED)
  t.match(account, { username: 'ann', roles: ['editor'], createdAt: 1234, id: /^[\w-]{16}$/ })
  t.match(account.handle, /^[\w-]{16}$/)
  t.not(account.handle, account.id)
  const verify = verifyWith(accounts, WEAK, unheard)
  for (const username of ['ann', 'ANN', 'Ａｎｎ'])
    t.match(await verify({ username, password: PASSWORD }), { verified: true, account })
})

t.test('signing up asks for a name, a password that will do, and a name that is free', async (t) => {
  const { signUp, accounts } = await open(t)
  await signUp({ username: 'ann', password: PASSWORD, roles: [] }, REGISTERED)
  const wish = { username: 'bob', password: PASSWORD, roles: [] }
  await t.rejects(signUp({ ...wish, username: 'b ob' }, REGISTERED), { code: 'invalid_request' })
  await t.rejects(signUp({ ...wish, password: 'short' }, REGISTERED), { code: 'password_too_short' })
  await t.rejects(signUp({ ...wish, password: '1'.repeat(15) }, REGISTERED), {
    code: 'password_too_common',
  })
  await t.rejects(signUp({ ...wish, username: 'ANN' }, REGISTERED), { code: 'username_taken' })
  t.equal(await accounts.findByUsername('bob'), null)
})

t.test('a stranger, a wrong password and a disabled account come to the same', async (t) => {
  const { accounts, signUp } = await open(t)
  const account = await signUp({ username: 'ann', password: PASSWORD, roles: [] }, REGISTERED)
  const asked: (string | null)[] = []
  const watched: Passwords = {
    ...WEAK,
    verify: (stored, password) => {
      asked.push(stored)
      return WEAK.verify(stored, password)
    },
  }
  const verify = verifyWith(accounts, watched, unheard)
  t.strictSame(await verify({ username: 'bob', password: PASSWORD }), { verified: false, userId: null })
  t.match(await verify({ username: 'ann', password: 'x' }), { verified: false, userId: account.id })
  await accounts.change(account, { disabled: true })(RAISE)
  t.match(await verify({ username: 'ann', password: PASSWORD }), {
    verified: false,
    userId: account.id,
  })
  t.equal(asked.length, 3, 'each of them had its password looked at')
  t.equal(asked[0], null)
  await t.rejects(verify({ username: 'a b', password: PASSWORD }), { code: 'invalid_request' })
})

t.test('a hash that is weaker than today’s is replaced by whoever signs in, once', async (t) => {
  const { accounts, signUp } = await open(t)
  const account = await signUp({ username: 'ann', password: PASSWORD, roles: [] }, REGISTERED)
  const verify = verifyWith(accounts, STRONG, unheard)
  await verify({ username: 'ann', password: 'wrong' })
  t.equal(STRONG.isOutdated(await hashOf()), true, 'a wrong password changes nothing')
  const verdicts = await Promise.all(
    [1, 2, 3].map(() => verify({ username: 'ann', password: PASSWORD })),
  )
  for (const verdict of verdicts) t.match(verdict, { verified: true, account: { id: account.id } })
  const stored = await hashOf()
  t.equal(STRONG.isOutdated(stored), false)
  t.equal(await STRONG.verify(stored, PASSWORD), true)
  await verify({ username: 'ann', password: PASSWORD })
  t.equal(await hashOf(), stored, 'and then it stays')
  t.match(await accounts.findById(account.id), { credentialNumber: 0 }, 'no other password')

  async function hashOf(): Promise<string> {
    return (await accounts.findByUsername('ann'))?.passwordHash ?? ''
  }
})

t.test(
  'whatever is stored in place of a hash, nobody gets in with it, nothing crashes, and somebody hears',
  async (t) => {
    const { accounts } = await open(t)
    const heard: string[] = []
    const verify = verifyWith(accounts, WEAK, (userId) => heard.push(userId))
    const cutOff = (await WEAK.hash(PASSWORD)).slice(0, -5)
    for (const passwordHash of ['', 'x', PASSWORD, '$argon2id$', '$2b$', '$scrypt$', cutOff]) {
      const username = randomBytes(9).toString('hex')
      await accounts.create({ ...anyAccount(), id: username, username, passwordHash }, REGISTERED)
      t.match(await verify({ username, password: PASSWORD }), { verified: false }, passwordHash)
      t.match(await verify({ username, password: passwordHash }), { verified: false })
      // What is left of an argon2 hash that was cut off is one all the same, of fewer bytes.
      const isHash = passwordHash === cutOff
      t.strictSame(heard.splice(0), isHash ? [] : [username, username], passwordHash)
    }
  },
)

async function open(t: Test) {
  const { accounts } = await openAccounts(t, 'sqlite')
  return { accounts, signUp: signUpWith(accounts, WEAK, randomBytes, () => 1234) }
}
