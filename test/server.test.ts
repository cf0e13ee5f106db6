import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { Browser, PASSWORD } from './support/browser.ts'
import { type Instance, preload, startInstance } from './support/process.ts'
import { CHEAP_HASHES } from './support/service.ts'
import { sharedStores } from './support/stores.ts'
import { until } from './support/until.ts'

// The program itself, in a process of its own.

t.test('the first start tells a newcomer three lines to try, and they do what they say', async (t) => {
  const { instance, dir, env } = await start(t, { counted: true })
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
  const again = await startInstance(env, { cwd: dir })
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

t.test('asked to stop the moment it listens, it stops as it does later', async (t) => {
  const hasty = preload(`
    import { Server } from 'node:http'
    import { Socket } from 'node:net'
    const { listen } = Server.prototype
    const { write } = Socket.prototype
    const isQuery = (chunk) => 'BDEPQS'.includes(String.fromCharCode(chunk[0]))
    Server.prototype.listen = function (...given) {
      this.once('listening', () => {
        Socket.prototype.write = function (...given) {
          return isQuery(given[0]) || write.apply(this, given) // no answer comes any more
        }
        process.kill(process.pid, 'SIGTERM')
      })
      return listen.apply(this, given)
    }`)
  const instance = await startInstance(await sharedStores(t, 'postgres'), hasty)
  t.equal(await instance.stop('SIGCONT'), 0)
  t.notMatch(instance.stderr(), /^oneseat:/m)
})

t.test('settings come from a .env file as well', async (t) => {
  const { instance } = await start(t, { dotEnv: 'SIGNUP=closed\n' })
  t.match(await new Browser(instance.url).post('/register', { username: 'ann', password: PASSWORD }), {
    status: 403,
    body: { code: 'signup_closed' },
  })
})

t.test(
  'a .env file may begin with a byte order mark, and what the environment has comes first',
  async (t) => {
    const { instance } = await start(t, {
      dotEnv: '\ufeffSIGNUP=closed\nHOST=nowhere.invalid\n',
      counted: true,
    })
    t.match(await new Browser(instance.url).post('/register', { username: 'ann', password: PASSWORD }), {
      body: { code: 'signup_closed' },
    })
  },
)

t.test('a .env file that is no text in UTF-8, as some shells write it, stops the start', async (t) => {
  const dotEnv = Buffer.from('\ufeffSIGNUP=closed\n', 'utf16le')
  await t.rejects(start(t, { dotEnv, counted: true }), {
    message: /\noneseat: \.env: this file is not text in UTF-8\.\n$/,
  })
})

t.test('a misspelt setting is pointed out to whoever starts it', async (t) => {
  const { instance } = await start(t, { dotEnv: 'SIGN_UP=closed\n' })
  t.match(instance.stderr(), /^oneseat: SIGN_UP is no setting. Did you mean SIGNUP\?\n(?!oneseat)/)
})

t.test('a port that is taken stops the start with an error', async (t) => {
  const { instance, dir, env } = await start(t)
  const port = new URL(instance.url).port
  await t.rejects(startInstance({ ...env, PORT: port }, { cwd: dir, counted: true }), {
    message: /^ended with 1 .*\noneseat: HOST, PORT: [^\n]*EADDRINUSE[^\n]*\n$/,
  })
})

t.test('it listens on one address only, also where a name has several', async (t) => {
  const names = preload(`
    import dns from 'node:dns'
    const { lookup } = dns
    const both = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }))
    dns.lookup = (name, options, done) =>
      name === 'localhost' ? done(null, both) : lookup(name, options, done)`)
  const { instance } = await start(t, { ...names, more: { HOST: 'localhost' } })
  const { port } = new URL(instance.url)
  t.equal((await fetch(`http://127.0.0.1:${port}/health/live`)).status, 200)
  await t.rejects(fetch(`http://127.0.0.2:${port}/health/live`), 'a second would have no limits')
})

t.test('a bug outside of any request is logged, and the process ends with an error', async (t) => {
  const bug = preload('process.on("SIGUSR2", () => { throw new Error("a bug") })')
  const { instance } = await start(t, { ...bug, counted: true })
  t.equal(await instance.stop('SIGUSR2'), 1)
  t.match(instance.logs.at(-1), { level: 60, err: { message: 'a bug' }, msg: 'stopping after an error' })
})

type StartOptions = {
  dotEnv?: string | Buffer
  nodeArgs?: readonly string[]
  counted?: boolean
  more?: Record<string, string>
}

async function start(t: Test, options: StartOptions = {}) {
  const { dotEnv = '', nodeArgs = [], counted = false, more = {} } = options
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-server-'))
  if (dotEnv !== '') writeFileSync(join(dir, '.env'), dotEnv)
  const env = {
    ...CHEAP_HASHES,
    DATABASE_URL: `file:${join(dir, 'oneseat.db')}`,
    SESSION_SECRET: 'a key that nobody but this test knows of',
    ...more,
  }
  const instance = await startInstance(env, { cwd: dir, nodeArgs, counted })
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
