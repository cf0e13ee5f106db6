import { spawn } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { Browser } from '../support/browser.ts'
import { endWithUs } from '../support/children.ts'
import { backend } from '../support/keys.ts'
import { freePort } from '../support/redis.ts'
import { startService } from '../support/service.ts'

t.test('a program in Python signs its own user in on two browsers, and the first is told', async (t) => {
  const service = await startService(t, 'sqlite', { env: { ACCOUNTS: 'external' } })
  const { key } = await backend(service, 'shop', 'sign-in')
  const port = await freePort()
  const program = spawn('python3', [join(import.meta.dirname, '../../examples/python-sign-in/app.py')], {
    env: { PATH: process.env['PATH'], ONESEAT_URL: service.url, ONESEAT_KEY: key, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  endWithUs(program)
  t.teardown(() => program.kill())
  await new Promise((done) => program.stdout.once('data', done))

  const url = `http://127.0.0.1:${port}`
  const [laptop, phone] = [new Browser(url, { 'user-agent': 'curl/8' }), new Browser(url)]
  const password = 'correct horse battery'
  t.match(await laptop.post('/login', { username: 'ann', password: 'wrong' }), { status: 401 })
  t.equal((await laptop.get('/')).status, 401)
  t.equal((await laptop.post('/login', { username: 'ann', password })).status, 200)
  t.match(await laptop.get('/'), {
    status: 200,
    body: {
      user: { id: 'crm:17', name: 'Ann' },
      session: { ip: '127.0.0.1', device: { browser: 'curl' } },
    },
  })
  t.equal((await laptop.post('/login', { username: 'ann', password })).status, 200, 'again, here')
  t.equal((await laptop.get('/')).status, 200)
  t.equal((await phone.post('/login', { username: 'ann', password })).status, 200)
  t.match(await laptop.get('/'), { status: 401, body: { code: 'session_replaced', replacedBy: {} } })
  t.equal((await phone.get('/')).status, 200)
})
