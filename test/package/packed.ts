import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { endWithUs, withoutTap } from '../support/children.ts'

// What `npm pack` gives, installed into empty folders. It takes a minute, so `npm run test:package` runs it, and CI.

const ROOT = join(import.meta.dirname, '../..')
const NODES = ['22', '24']
const SESSION_SECRET = 'a secret of the tests that is long enough'
/** Packages that a plugin without the service may download: `docs/dependencies.md` tells of them. */
const MOST_PACKAGES = 82

const dir = mkdtempSync(join(tmpdir(), 'oneseat-packed-'))
t.teardown(() => rmSync(dir, { recursive: true, force: true }))
run(ROOT, 'npm', ['pack', '--silent', '--pack-destination', dir])
const tarball = join(dir, readdirSync(dir)[0] ?? '')

t.test('it has compiled files with types and source maps, and nothing that nobody needs', async (t) => {
  const files = run(dir, 'tar', ['-tzf', tarball]).trim().split('\n')
  for (const end of ['js', 'd.ts', 'js.map'])
    for (const file of ['index', 'stores/core', 'cli', 'client/client', 'client/react'])
      t.ok(files.includes(`package/dist/src/${file}.${end}`), `${file}.${end}`)
  const rest = files.filter((file) => !file.startsWith('package/dist/'))
  t.strictSame(rest.sort(), [
    ...['package/LICENSE', 'package/README.md', 'package/bin/oneseat.js'],
    ...['package/openapi.yaml', 'package/package.json'],
  ])
})

t.test('publint and arethetypeswrong find nothing', async (t) => {
  const said = runAny(dir, 'publint', ['run', tarball, '--level', 'suggestion'])
  const lines = said.split('\n').filter((line) => /^\d+\. /.test(line))
  t.strictSame(lines, [])
  run(dir, 'attw', [tarball, '--profile', 'esm-only', '--exclude-entrypoints', './openapi.yaml']) // fails if it finds anything
})

for (const version of NODES) {
  t.test(`installed into an empty folder, on Node ${version}`, async (t) => {
    const folder = join(dir, version)
    mkdirSync(folder)
    const manifest = { type: 'module', allowScripts: { node: true } }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
    run(folder, 'npm', [...install, '--omit=optional', tarball, `node@${version}`])
    t.match(run(folder, 'node', ['-v']), `v${version}.`)

    t.test('a plain JavaScript app, without what only the service needs', async (t) => {
      const packages = run(folder, 'npm', ['ls', '--all', '--parseable', '--omit=optional'])
      const names = new Set(packages.trim().split('\n').slice(1))
      for (const name of [...names].filter((each) =>
        /node_modules\/node(-bin-setup|-linux.*)?$/.test(each),
      ))
        names.delete(name)
      t.ok(names.size <= MOST_PACKAGES, `${names.size} packages`)
      cpSync(join(ROOT, 'examples/own-app'), folder, {
        recursive: true,
        filter: (file) => !file.endsWith('package.json'),
      })
      const { url } = await start(t, folder, 'node', ['app.js'])
      const [laptop, phone] = [new Browser(url), new Browser(url)]
      const ann = { name: 'ann', password: PASSWORD }
      t.match(await laptop.post('/register', ann), { status: 201 })
      t.match(await laptop.post('/login', ann), { status: 200 })
      t.match(await laptop.get('/orders'), { status: 200 })
      t.match(await phone.post('/login', ann), { status: 200 })
      t.match(await laptop.get('/orders'), { status: 401, body: { code: 'session_replaced' } })
      t.match(await phone.get('/account/me'), { status: 200 })
      cpSync(join(ROOT, 'examples/mobile/app.js'), join(folder, 'mobile.js'))
      const mobile = run(folder, 'env', [`ONESEAT_URL=${url}/account`, 'node', 'mobile.js'])
      t.match(mobile, /^Nobody is signed in\./, 'the client')
    })

    t.test('the service without what it needs says so in one line', async (t) => {
      const { status, stderr } = spawnSync(...withoutTap('npx', ['oneseat', 'serve']), {
        cwd: folder,
        env: envIn(folder),
        encoding: 'utf8',
      })
      t.strictSame(
        [status, stderr],
        [1, 'oneseat: packages are missing: run npm install without --omit=optional.\n'],
      )
    })

    t.test('npx oneseat serve', async (t) => {
      run(folder, 'npm', install)
      t.match(run(folder, 'npx', ['oneseat', '--version']), /^\d+\.\d+\.\d+\n$/)
      const { url } = await start(t, folder, 'npx', ['oneseat', 'serve'])
      const [laptop, phone] = [new Browser(url), new Browser(url)]
      t.match(await laptop.post('/register', { username: 'ann', password: PASSWORD }), { status: 201 })
      t.match(await laptop.login('ann'), { status: 200 })
      t.match(await phone.login('ann'), { status: 200 })
      t.match(await laptop.get('/me'), { status: 401, body: { code: 'session_replaced' } })
      t.match(await phone.get('/docs'), { status: 200 })
      t.match(await phone.get('/docs/swagger-ui-bundle.js'), { status: 200 })
      t.match((await phone.get('/openapi.yaml')).body, /^openapi: 3\.1/)
      t.match(run(folder, 'npx', ['oneseat', 'users', 'list']), /^ann\t/)
    })

    t.test('its types need no casts, and no skipLibCheck', async (t) => {
      run(folder, 'npm', [...install, '-D', '@types/node@24'])
      writeFileSync(join(folder, 'app.ts'), TYPED_APP)
      const options = [
        '--strict',
        '--noEmit',
        '--module',
        'nodenext',
        '--target',
        'es2024',
        '--types',
        'node',
      ]
      t.equal(
        runAny(folder, join(ROOT, 'node_modules/.bin/tsc'), [...options, '--ignoreConfig', 'app.ts']),
        '',
      )
    })
  })
}

t.test('README, walked in an empty folder', async (t) => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const own = readme.slice(readme.indexOf('## In your own app'), readme.indexOf('## The service'))
  const [, app = ''] = /^```js\n(.*?)^```$/ms.exec(own) ?? []
  const [, commands = ''] = /^```sh\n(.*?)^```$/ms.exec(own) ?? []
  const [init = '', install = '', serve = ''] = commands.split('\n')
  const folder = join(dir, 'my-app')
  mkdirSync(folder)
  mkdirSync(join(dir, 'oneseat'))
  cpSync(tarball, join(dir, 'oneseat', basename(tarball)))
  writeFileSync(join(folder, 'app.js'), app.replace('port: 3000', 'port: 0'))
  // The machine's own Node.js may be another.
  const here = (command: string) =>
    `PATH=${dirname(process.execPath)}:$PATH; unset SESSION_SECRET; ${command}`
  for (const command of [init, install]) run(folder, 'sh', ['-c', here(command)])
  const { url } = await start(t, folder, 'sh', ['-c', here(serve)])
  const [laptop, phone] = [new Browser(url), new Browser(url)]
  await laptop.post('/login', { name: 'ann' })
  t.match(await laptop.get('/orders'), { status: 200, body: { ordersOf: 'ann' } })
  await phone.post('/login', { name: 'ann', device: 'phone' })
  t.match(await laptop.get('/orders'), {
    status: 401,
    body: { replacedBy: { device: { name: 'phone' } } },
  })
})

const TYPED_APP = `
import Fastify from 'fastify'
import oneseatAsDefault, { oneseat, oneseatRoutes, type Principal } from 'oneseat'
import { createSessions, redisStore, sqliteStore } from 'oneseat/core'
import { Redis } from 'ioredis'
import pg from 'pg'

const app = Fastify()
await app.register(oneseat, { secrets: [process.env['SESSION_SECRET']], database: 'file:./seats.db' })
await app.register(oneseatAsDefault, {
  secrets: ['x'],
  database: new pg.Pool(),
  redis: new Redis(),
  cookie: { name: 'x', sameSite: 'strict' },
  sessionLimitByRole: { admin: 3 },
  idleTimeout: '30m',
  absoluteTimeout: 1000,
  onRefused: (_request, reply, { code, replacedBy }) => reply.send({ code, by: replacedBy?.device.name }),
})
await app.register(oneseatRoutes, { prefix: '/account' })
app.post<{ Body: { id: string } }>('/login', async (request, reply) => {
  const { session, replaced } = await reply.signIn({ id: request.body.id, roles: ['a'] }, { device: 'laptop' })
  return { id: session.id, replaced: replaced.length }
})
app.get('/orders', { preHandler: app.requireSession }, (request) => request.principal.user.id)
app.get('/reports', { preHandler: app.requireRole('a', 'b') }, (request) => request.principal.session.device)
app.post('/logout', (_request, reply) => reply.signOut())
app.sessions.on('ended', ({ userId, sessionId, code }) => console.log(userId, sessionId, code))
await app.sessions.update('ann', { roles: ['a'], disabled: true })
export const nobody: Principal | null = null
export const sessions = createSessions({ ...(await sqliteStore('file::memory:')), secrets: ['x'] })
export const open = redisStore
`

/** What a command prints. Throws if it fails. */
function run(cwd: string, command: string, args: readonly string[]): string {
  return execFileSync(...withoutTap(command, args), {
    cwd,
    env: envIn(cwd),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** The same of a command that may fail. */
function runAny(cwd: string, command: string, args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(...withoutTap(command, args), {
    cwd,
    env: envIn(cwd),
    encoding: 'utf8',
  })
  return stdout + stderr
}

/** The programs of the folder come first, and those of this project, such as `tsc`, last. Nothing of tap is passed on. */
function envIn(cwd: string): NodeJS.ProcessEnv {
  const path = [
    join(cwd, 'node_modules/.bin'),
    process.env['PATH'],
    join(ROOT, 'node_modules/.bin'),
  ].join(delimiter)
  return { ...process.env, PATH: path, PORT: '0', SESSION_SECRET, LOG_LEVEL: 'info' }
}

async function start(
  t: Test,
  cwd: string,
  command: string,
  args: readonly string[],
): Promise<{ url: string }> {
  const child = endWithUs(
    spawn(...withoutTap(command, args), {
      cwd,
      env: envIn(cwd),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    }),
  )
  const exited = new Promise((done) => child.once('exit', done))
  t.teardown(async () => {
    process.kill(-(child.pid as number), 'SIGTERM') // npx and what it started
    await exited
  })
  return new Promise((done, fail) => {
    let said = ''
    const hear = (chunk: Buffer) => {
      said += chunk
      const [, url] = /listening at (http:\/\/127\.0\.0\.1:\d+)/.exec(said) ?? []
      if (url !== undefined) done({ url })
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', () => fail(new Error(`${command} ended: ${said}`)))
  })
}
