import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { Browser, PASSWORD } from './support/browser.ts'
import { coverage, type Instance, startInstance } from './support/process.ts'
import { CHEAP_HASHES } from './support/service.ts'
import { until } from './support/until.ts'

// The program itself, in a process of its own.

t.test('the first start tells a newcomer three lines to try, and they do what they say', async (t) => {
  const { instance, dir, env } = await start(t)
  await until(() => instance.stderr().includes('/me -b jar'))
  const message = instance.stderr()
  t.match(message, `Oneseat listens on ${instance.url}`)
  t.match(message, join(dir, 'oneseat.db'))
  const outputs: string[] = []
  for (const line of message.split('\n').filter((each) => each.startsWith('  curl'))) {
    const { stdout } = await promisify(execFile)('sh', ['-c', `${line} -sS -w '%{http_code}'`], {
      cwd: dir,
    })
    outputs.push(stdout)
  }
  t.match(outputs, [/"username":"ann".*201$/, /"replaced":\[\].*200$/, /"current":true.*200$/])

  await instance.stop()
  const again = await startInstance(env, dir)
  t.equal((await new Browser(again.url).get('/health/live')).status, 200)
  await again.stop()
  t.equal(again.stderr(), '', 'and is silent once there is a user')
})

t.test('asked to stop, it finishes what is under way and takes nothing new', async (t) => {
  const { instance } = await start(t)
  await register(instance, 'ann')
  const idle = await openConnection(instance.url)
  idle.write('GET /health/live HTTP/1.1\r\nHost: oneseat.test\r\n\r\n')
  await new Promise((done) => idle.once('data', done))
  const body = JSON.stringify({ username: 'ann', password: PASSWORD })
  const underWay = await openConnection(instance.url)
  const answer = collect(underWay)
  underWay.write(
    'POST /login HTTP/1.1\r\nHost: oneseat.test\r\nContent-Type: application/json\r\n' +
      `Content-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
  )
  await until(async () => (await new Browser(instance.url).get('/health/live')).status === 200)
  const asked = performance.now()
  const stopped = instance.stop('SIGTERM')
  await until(async () => !(await accepts(instance.url)))
  underWay.write(body.slice(10))

  const text = await answer
  t.match(text, /^HTTP\/1.1 200 /)
  t.match(text, /set-cookie: oneseat=/)
  t.equal(await stopped, 0)
  t.ok(performance.now() - asked < 5_000, 'an idle connection does not hold it up')
  idle.destroy()
})

t.test(
  'every line of its log is JSON, and none holds a password, a cookie, a secret or a hash',
  async (t) => {
    const { instance, env } = await start(t, { LOG_LEVEL: 'trace' })
    const browser = new Browser(instance.url)
    await register(instance, 'ann')
    await browser.post('/register', { username: 'ann', password: PASSWORD })
    await browser.post('/login', { username: 'ann', password: 'some wrong password here' })
    await browser.post('/login', { username: PASSWORD, password: PASSWORD, [PASSWORD]: PASSWORD })
    await browser.post('/login', `{"username":"ann","password":"${PASSWORD}"`)
    await browser.get(`/login?username=ann&password=${encodeURIComponent(PASSWORD)}`)
    await browser.login('ann')
    const cookie = decodeURIComponent(browser.jar.get('oneseat') ?? '')
    const [handle = '', secret = '', signature = ''] = cookie.split('.')
    await browser.get('/me')
    await new Browser(instance.url).login('ann')
    await browser.get('/me')
    await browser.post('/logout')
    await instance.stop()

    t.ok(instance.logs.some(({ event }) => event === 'login'))
    t.ok(
      instance.logs.every(({ time, level }) => typeof time === 'number' && typeof level === 'number'),
      'parsed, line by line',
    )
    const log = JSON.stringify(instance.logs) + instance.stderr()
    const secrets = { PASSWORD, secret, signature, cookie, key: env['SESSION_SECRET'] ?? '' }
    for (const [name, text] of Object.entries({ ...secrets, wrong: 'some wrong', hash: '$argon2' })) {
      t.not(text, '', name)
      t.notOk(log.includes(text), `${name} is not in the log`)
      t.notOk(log.includes(encodeURIComponent(text)), `${name} is not in the log, encoded`)
    }
    t.not(handle, '')
  },
)

t.test(
  'settings come from a .env file as well, and a wrong one stops the start with its name',
  async (t) => {
    const { instance, dir, env } = await start(t, {}, 'SIGNUP=closed\n')
    t.match(await new Browser(instance.url).post('/register', { username: 'ann', password: PASSWORD }), {
      status: 403,
      body: { code: 'signup_closed' },
    })
    await instance.stop()
    await t.rejects(startInstance({ ...env, IDLE_TIMEOUT: 'soon' }, dir), {
      message: /^ended with 1 before it listened\noneseat: IDLE_TIMEOUT: "soon" cannot be used\./,
    })
  },
)

t.test('a port that is taken stops the start with an error', async (t) => {
  const { instance, dir, env } = await start(t)
  const port = new URL(instance.url).port
  await t.rejects(startInstance({ ...env, PORT: port }, dir), {
    message: /^ended with 1 .*\noneseat: .*EADDRINUSE/,
  })
})

t.test('a bug outside of any request is logged, and the process ends with an error', async (t) => {
  const bug = encodeURIComponent('process.on("SIGUSR2", () => { throw new Error("a bug") })')
  const { instance } = await start(t, {
    NODE_OPTIONS: `${coverage()['NODE_OPTIONS'] ?? ''} --import data:text/javascript,${bug}`,
  })
  t.equal(await instance.stop('SIGUSR2'), 1)
  t.match(instance.logs.at(-1), { level: 60, err: { message: 'a bug' }, msg: 'stopping after an error' })
})

async function start(t: Test, more: Record<string, string> = {}, dotEnv = '') {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-server-'))
  if (dotEnv !== '') writeFileSync(join(dir, '.env'), dotEnv)
  const env = {
    ...coverage(),
    ...CHEAP_HASHES,
    DATABASE_URL: `file:${join(dir, 'oneseat.db')}`,
    SESSION_SECRET: 'a key that nobody but this test knows of',
    ...more,
  }
  const instance = await startInstance(env, dir)
  t.teardown(async () => {
    await instance.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  return { instance, dir, env }
}

async function register({ url }: Instance, username: string): Promise<void> {
  await new Browser(url).post('/register', { username, password: PASSWORD })
}

function openConnection(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  return new Promise((done, fail) => {
    const socket = connect(Number(port), hostname, () => done(socket))
    socket.on('error', fail)
  })
}

async function accepts(url: string): Promise<boolean> {
  try {
    ;(await openConnection(url)).destroy()
    return true
  } catch {
    return false
  }
}

function collect(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  return new Promise((done) => socket.once('close', () => done(text)))
}
