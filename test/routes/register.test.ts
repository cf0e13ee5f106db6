import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { startService } from '../support/service.ts'

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
    ['b'.repeat(65), PASSWORD, 400, 'invalid_request'],
    ['bo\u200bb', PASSWORD, 400, 'invalid_request'],
  ]
  for (const [username, password, status, code] of cases) {
    t.match(await browser.post('/register', { username, password }), { status, body: { code } }, code)
  }
  t.equal((await browser.post('/register', { username: 'bob', password: '🔑'.repeat(15) })).status, 201)
})

t.test('where sign-up is closed, nobody can', async (t) => {
  const closed = await startService(t, 'sqlite', { env: { SIGNUP: 'closed' } })
  t.match(await closed.browser().post('/register', { username: 'ann', password: PASSWORD }), {
    status: 403,
    body: { code: 'signup_closed' },
  })
  t.equal(await closed.parts.accounts.findByUsername('ann'), null)
})
