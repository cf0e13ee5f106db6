import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { REGISTERED, startService } from '../support/service.ts'

const service = await startService(t, 'sqlite')
const browser = service.browser()

t.test('anybody may make an account; that signs nobody in', async (t) => {
  const { status, body, setCookies } = await browser.post('/register', {
    username: 'Zoë',
    password: PASSWORD,
  })
  t.equal(status, 201)
  t.strictSame(Object.keys(body.user), ['id', 'username', 'roles', 'createdAt'])
  t.match(body.user, { username: 'zoë', roles: [] })
  t.strictSame(setCookies, [])
  t.equal((await service.browser().login('ZOË')).status, 200)
})

t.test('a name is taken in every spelling of it', async (t) => {
  for (const username of ['zoë', 'ZOË', 'zoe\u0308', 'ｚｏë'])
    t.match(await browser.post('/register', { username, password: PASSWORD }), {
      status: 409,
      body: { code: 'username_taken' },
    })
})

t.test('a name or a password that cannot be is refused with the reason', async (t) => {
  const cases: [username: string, password: string, status: number, code: string][] = [
    ['bob', 'fourteen chars', 422, 'password_too_short'],
    ['bob', '🔑'.repeat(14), 422, 'password_too_short'],
    ['bob', '123456789123456789', 422, 'password_too_common'],
    ['Bob.The.Builder@example.org', 'bob.the.builder@example.org', 422, 'password_too_common'],
    ['bob', 'x'.repeat(257), 400, 'invalid_request'],
    ['bob smith', PASSWORD, 400, 'invalid_request'],
    ['', PASSWORD, 400, 'invalid_request'],
    ['b'.repeat(255), PASSWORD, 400, 'invalid_request'],
    ['李'.repeat(171), PASSWORD, 400, 'invalid_request'],
    ['bo\u200bb', PASSWORD, 400, 'invalid_request'],
    ['bob\u{1d159}', PASSWORD, 400, 'invalid_request'],
    ['bob\u{1d165}', PASSWORD, 400, 'invalid_request'],
    ['bоb', PASSWORD, 400, 'invalid_request'],
    ['bob@exаmple.org', PASSWORD, 400, 'invalid_request'],
    ['bob', 'b'.repeat(17), 422, 'password_too_common'],
    ['bob', '🔑'.repeat(15), 422, 'password_too_common'],
    ['bob', 'qazwsxedcrfvtgbyhn', 422, 'password_too_common'],
  ]
  for (const [username, password, status, code] of cases) {
    t.match(await browser.post('/register', { username, password }), { status, body: { code } }, code)
  }
  const password = '🔑🧦🐙🎈🍕🚲🌋🎻🦔🍋🧭🪁🥁🐝🗿'
  t.equal((await browser.post('/register', { username: 'bob', password })).status, 201)
})

t.test('an easy password is told why, for people', async (t) => {
  const { body } = await browser.post('/register', { username: 'eve', password: 'b'.repeat(17) })
  t.match(body, { code: 'password_too_common', detail: /easy to guess: it repeats itself/ })
})

t.test(
  'names of every alphabet, addresses of 254 characters, and white space that is cut off',
  async (t) => {
    const address = `${'a'.repeat(64)}@${'b'.repeat(185)}.com`
    for (const username of [
      'анна',
      '李小龍',
      'Нина@example.org',
      address,
      ' carl',
      'dora ',
      '\teric\n',
    ]) {
      const registered = await browser.post('/register', { username, password: PASSWORD })
      t.equal(registered.status, 201, username)
      t.equal(registered.body.user.username, username.trim().toLowerCase())
      for (const typed of [username, username.trim(), ` ${username.trim()}`.slice(0, 254)]) {
        if (typed.trim() === username.trim())
          t.equal((await service.browser().login(typed)).status, 200, typed)
      }
    }
  },
)

t.test('one account for names that look the same, and an older one signs in as ever', async (t) => {
  for (const username of ['coco', 'paypal', 'ibrahim', "o'neill"])
    t.equal((await browser.post('/register', { username, password: PASSWORD })).status, 201)
  for (const username of ['сосо', 'paypa1', 'İbrahim', 'o’neill', 'pɑypɑl'])
    t.match(
      await browser.post('/register', { username, password: PASSWORD }),
      { status: 409, body: { code: 'username_taken' } },
      username,
    )
  const { accounts } = service.parts
  const passwordHash = (await accounts.findByUsername('coco'))?.passwordHash ?? ''
  const old = { id: 'old', handle: 'old', username: 'coco\u{1d159}', roles: [], createdAt: 1 }
  await accounts.create({ ...old, passwordHash }, REGISTERED)
  t.equal((await service.browser().login('coco\u{1d159}')).status, 200)
})

t.test('where sign-up is closed, nobody can', async (t) => {
  const closed = await startService(t, 'sqlite', { env: { SIGNUP: 'closed' } })
  t.match(await closed.browser().post('/register', { username: 'ann', password: PASSWORD }), {
    status: 403,
    body: { code: 'signup_closed' },
  })
  t.equal(await closed.parts.accounts.findByUsername('ann'), null)
})
