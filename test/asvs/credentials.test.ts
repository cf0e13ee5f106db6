import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { startService } from '../support/service.ts'

const service = await startService(t, 'sqlite', { env: { THROTTLE: 'off' } })
let count = 0

/** What comes of choosing this password for a new account, and of the login with what is typed then. */
async function choose(password: string, typed = password) {
  const username = `user${count++}`
  const registered = await service.browser().post('/register', { username, password })
  if (registered.status !== 201) return registered.body.code
  return (await service.browser().login(username, { password: typed })).status
}

t.test('A 6.2.1: a password has fifteen characters or more, counted as people count them', async (t) => {
  t.equal(await choose('abcdefghijklmn'), 'password_too_short')
  t.equal(await choose('qzwxecrvtbynuml'), 200)
  t.equal(await choose(EMOJI), 200)
  t.equal(await choose(EMOJI.slice(0, -2)), 'password_too_short')
})

t.test('A 6.2.4: a password that is easy to guess is refused, and the answer says why', async (t) => {
  for (const password of [
    ...['123456789012345', 'a'.repeat(17), 'passwordpasswordpassword', 'qwertyuiopasdfghjkl'],
    ...['xyz '.repeat(16), '________________x', '2wsx3edc4rfv5tgb6yhn'],
  ])
    t.equal(await choose(password), 'password_too_common', password)
  const wish = { username: 'annabel.smith', password: 'annabel.smith2024!' }
  const { body } = await service.browser().post('/register', wish)
  t.match(body, { code: 'password_too_common', status: 422, detail: /it is built on the username/ })
  t.equal(await choose('123456789012345 and my cat'), 200)
})

t.test('A 6.2.5: no kind of character is asked for', async (t) => {
  for (const password of [
    'qzwxecrvtbynuml',
    '918273645546372',
    'a few small letters',
    '@^&#$*!_+-;,.?)(=',
  ])
    t.equal(await choose(password), 200, password)
})

t.test('A 6.2.8: the whole password counts, in upper and lower case, with its spaces', async (t) => {
  const long = `${'long passwords are whole '.repeat(3)}end`
  t.ok(Buffer.byteLength(long) > 72)
  t.equal(await choose(long), 200)
  for (const typed of [`${long}x`, long.slice(0, -1), long.toUpperCase(), ` ${long}`, `${long} `])
    t.equal(await choose(long, typed), 401)
  t.equal(await choose('this is a\u0000b in it', 'this is a\u0000c in it'), 401)
  t.equal(await choose('un café à Orléans'.normalize('NFC'), 'un café à Orléans'.normalize('NFD')), 200)
})

t.test('A 6.2.9: passwords of 64 and of 256 characters are taken', async (t) => {
  for (const length of [64, 256]) t.equal(await choose(LONG.slice(0, length)), 200)
  const { passwords } = service.parts
  const { hash } = passwords
  t.teardown(() => Object.assign(passwords, { hash }))
  passwords.hash = async () => {
    throw new Error('one of more is not even hashed')
  }
  t.equal(await choose(LONG.slice(0, 257)), 'invalid_request')
})

t.test('A 6.3.2: there are no accounts that nobody made', async (t) => {
  const fresh = await startService(t, 'sqlite')
  t.strictSame(await fresh.parts.accounts.list({ after: '', limit: 10 }), [])
  for (const [username, password] of [
    ['admin', 'admin'],
    ['root', 'root'],
    ['test', 'test'],
    ['oneseat', 'oneseat'],
  ])
    t.equal((await fresh.browser().post('/login', { username, password })).status, 401)
})

t.test(
  'A 11.4.2: hashes are Argon2id with what OWASP asks for, and are made anew when that rises',
  async (t) => {
    const strong = { ARGON2_MEMORY_KIB: '19456', ARGON2_PASSES: '2' }
    const service = await startService(t, 'sqlite', { env: strong })
    const hashOf = async (name: string) =>
      (await service.parts.accounts.findByUsername(name))?.passwordHash ?? ''
    await service.register('ann')
    t.match(await hashOf('ann'), /^\$argon2id\$v=19\$m=19456,p=1,t=2\$/)

    const { hash } = await import('argon2')
    const weak = await hash(PASSWORD, { memoryCost: 1024, timeCost: 2, parallelism: 1 })
    const account = await service.parts.accounts.findByUsername('ann')
    await service.parts.accounts.rehash(account?.id ?? '', account?.passwordHash ?? '', weak)
    t.equal(await hashOf('ann'), weak)
    const logins = await Promise.all([1, 2].map(() => service.browser().login('ann')))
    t.ok(logins.some(({ status }) => status === 200))
    t.match(await hashOf('ann'), /m=19456,p=1,t=2/)
    t.equal((await service.browser().login('ann')).status, 200)
  },
)

t.test('a stored hash that cannot be read is a wrong password, not an error', async (t) => {
  await service.register('eve')
  for (const broken of ['', 'x', '$argon2id$v=19$m=19456', '$2b$10$']) {
    const account = await service.parts.accounts.findByUsername('eve')
    await service.parts.accounts.rehash(account?.id ?? '', account?.passwordHash ?? '', broken)
    t.equal((await service.browser().login('eve')).status, 401, broken)
  }
})

t.test('A 1.2.4: names are data to SQL', async (t) => {
  const before = (await service.parts.accounts.list({ after: '', limit: 1000 })).length
  for (const username of [
    "'--",
    "'OR'1'='1",
    '%',
    '_',
    '\\',
    "';DROP/**/TABLE/**/users;",
    '"',
    '`',
    '$1',
    '?',
  ])
    t.equal((await service.browser().login(username)).status, 401, username)
  t.equal((await service.parts.accounts.list({ after: '', limit: 1000 })).length, before)
})

t.test('A 6.1.3: a login is the only way to a session cookie', async (t) => {
  const ann = service.browser()
  await service.register('ann')
  for (const [method, path, body] of [
    ['POST', '/register', { username: 'zoe', password: PASSWORD }],
    ['POST', '/logout', undefined],
    ['GET', '/me', undefined],
    ['GET', '/verify', undefined],
    ['POST', '/sessions/dispute', undefined],
    ['GET', `/login?username=ann&password=${encodeURIComponent(PASSWORD)}`, undefined],
  ] as const) {
    const { setCookies } = await ann.request(method, path, body)
    t.notOk(
      setCookies.some((line) => /^oneseat=[^;]/.test(line)),
      path,
    )
  }
})

/** Fifteen characters, each of two UTF-16 units. */
const EMOJI = '🐙🎈🍕🚲🌋🧦🎻🦔🍋🧭🪁🥁🐝🗿🪗'
const LONG = 'nobody would put these few words together '.repeat(7)
