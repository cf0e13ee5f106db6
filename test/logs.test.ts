import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Browser, PASSWORD } from './support/browser.ts'
import { startInstance } from './support/process.ts'
import { exchange, request } from './support/raw.ts'
import { until } from './support/until.ts'

const dir = mkdtempSync(join(tmpdir(), 'oneseat-logs-'))
const SECRET = 'fV2Kq8Zp1Xw7Rt4Ys9Lm3Nb6Hd0Jc5Ga'
const instance = await startInstance({
  DATABASE_URL: `file:${join(dir, 'oneseat.db')}`,
  SESSION_SECRET: SECRET,
  LOG_LEVEL: 'trace',
})
t.teardown(async () => {
  await instance.stop()
  rmSync(dir, { recursive: true, force: true })
})
const { url, logs } = instance

const WRONG = 'the wrong password, typed in haste'
const NEXT = 'the next password of this test'
const secrets = new Set([SECRET, PASSWORD, WRONG, NEXT, 'in-a-query', 'in-a-header'])

/** Takes note of every cookie, and of its parts that prove something. */
function note(browser: Browser): void {
  for (const value of browser.jar.values()) {
    const plain = decodeURIComponent(value)
    secrets.add(value).add(plain)
    for (const part of plain.split('.').filter((p) => p.length > 30)) secrets.add(part)
  }
}

const ann = new Browser(url)
const phone = new Browser(url)
const FORGED = '\r\n{"level":60,"event":"forged"}\u001b[31m'

await ann.post('/register', { username: 'ann', password: PASSWORD })
await ann.login('ann')
note(ann)
await phone.login('ann', { password: WRONG })
await phone.login('ann')
note(phone)
await ann.get('/me')
await phone.request('PUT', '/me/password', { currentPassword: WRONG, newPassword: NEXT })
await phone.request('PUT', '/me/password', { currentPassword: PASSWORD, newPassword: NEXT })
note(phone)
await phone.get('/admin/users')
await phone.request('POST', '/login?password=in-a-query', '{"username":"ann","password":"in-a-header')
await phone.request('POST', '/login', { username: 'ann', password: WRONG, [PASSWORD]: 1 })
await phone.request('GET', '/me?token=in-a-query', undefined, { authorization: 'Bearer in-a-header' })
await phone.request('POST', '/logout', undefined, { origin: 'https://evil.example' })
await phone.post('/login', { username: `ann${FORGED}`, password: WRONG })
await exchange(url, request(`GET /${encodeURIComponent(FORGED)}`, [`User-Agent: x${encodeURI(FORGED)}`]))
await exchange(
  url,
  `GET /me HTTP/1.1\r\nHost: a\r\nCookie: oneseat=${phone.jar.get('oneseat')}\r\nX: \0\r\n\r\n`,
)
for (let i = 0; i < 7; i++) await new Browser(url).login('bob', { password: WRONG })
await phone.post('/logout')
await until(() => logs.some(({ event }) => event === 'logged_out'))

const events = logs.filter((line) => typeof line['event'] === 'string')

t.test(
  'A 16.2.5: no log line of the whole run holds a password, a cookie or a part of one',
  async (t) => {
    const text = logs.map((line) => JSON.stringify(line)).join('\n') + instance.stderr()
    t.ok(secrets.size > 12)
    for (const secret of secrets) t.notOk(text.includes(secret), `${secret.slice(0, 6)}…`)
    t.notMatch(text, /\$argon2/)
  },
)

t.test(
  'A 16.2.1 to 16.2.4: what happened is one line each, with the time, the request and the reason',
  async (t) => {
    const count = (event: string) => events.filter((line) => line['event'] === event).length
    for (const [event, times] of Object.entries({
      registered: 1,
      login: 2,
      session_replaced: 1,
      password_changed: 1,
      logged_out: 1,
      forbidden: 1,
      cross_origin: 1,
    }))
      t.equal(count(event), times, event)
    t.equal(count('login_failed'), 2 + 5)
    t.equal(count('too_many_attempts'), 2)
    for (const line of events) {
      t.type(line['time'], 'number')
      t.match(line['reqId'], /^[\w-]+$/, String(line['event']))
    }
  },
)

t.test('A 16.4.1: nothing that is sent can make a line of its own', async (t) => {
  t.notOk(logs.some(({ event }) => event === 'forged'))
  t.notMatch(logs.map((line) => JSON.stringify(line)).join('\n'), '\u001b')
})

t.test('what no route and no hook has seen is logged, too, and under its request', async (t) => {
  const refused = () => logs.filter(({ code }) => code === 'uri_too_long')
  await new Browser(url).get(`/me/sessions/${'x'.repeat(1_300)}`) // longer than a parameter may be
  await until(() => refused().length === 1)
  t.match(refused(), [{ msg: 'refused', reqId: /^[\w-]+$/ }])
})
