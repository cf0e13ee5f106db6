import { spawn } from 'node:child_process'
import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash as argon2, argon2i } from 'argon2'
import { hash as bcrypt } from 'bcrypt'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { compiledOnce, endWithUs } from '../support/children.ts'
import { startInstance } from '../support/process.ts'
import { runUsers, typeAtTerminal } from '../support/terminal.ts'

function emptyDatabase(t: Test): Record<string, string> {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-users-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return { DATABASE_URL: `file:${join(dir, 'oneseat.db')}`, ARGON2_MEMORY_KIB: '8', ARGON2_PASSES: '1' }
}

t.test(
  'an account made on the command line signs in, with its roles and with the password as it is',
  async (t) => {
    const env = emptyDatabase(t)
    const instance = await startInstance({ ...env, LOG_LEVEL: 'info' })
    t.teardown(() => instance.stop())
    const password = `  ${PASSWORD}  `
    const made = await runUsers(
      ['add', 'Ann', '--role', 'admin', '--role', 'editor', '--password-stdin'],
      {
        env,
        stdin: `${password}\n`,
        counted: true,
      },
    )
    t.match(made, { code: 0, stdout: 'ann has an account now, with roles admin, editor.\n', stderr: '' })

    const device = new Browser(instance.url)
    const login = await device.post('/login', { username: 'ann', password })
    t.match(login, { status: 200, body: { user: { username: 'ann', roles: ['admin', 'editor'] } } })
    const { body } = await device.get('/me/timeline')
    t.match(body.events.at(-1), { type: 'registered', by: { user: 'command line' } })

    const another = `${password} by another name`
    const reset = ['password', 'ann', '--password-stdin']
    t.match(await runUsers(reset, { env, counted: true, stdin: another }), {
      code: 0,
      stdout: /^ann has another password now/,
    })
    t.match(await device.get('/me'), { status: 401, body: { code: 'password_changed' } })
    t.equal((await device.post('/login', { username: 'ann', password: another })).status, 200)

    const list = await runUsers(['list'], { env, counted: true })
    const today = login.body.session.createdAt.slice(0, 10)
    t.match(list, { code: 0, stdout: `ann\tadmin,editor\t${today}\t${today}\tenabled\n` })
  },
)

t.test('reading makes no database', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-users-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const env = { DATABASE_URL: `file:${join(dir, 'oneseat.db')}` }
  const told = { code: 1, stdout: '', stderr: /^\w+: DATABASE_URL: there is no database .* yet/ }
  const reading = [
    ['users', 'list'],
    ['users', 'why', 'ann'],
    ['users', 'export', 'ann'],
    ['users', 'disable', 'ann'],
    ['keys', 'list'],
    ['keys', 'revoke', 'ops'],
    ['webhooks', 'list'],
  ] as const
  const all = reading.map(([command, ...args]) => runUsers(args, { env, command }))
  for (const [nth, ended] of (await Promise.all(all)).entries()) t.match(ended, told, `${reading[nth]}`)
  t.strictSame(readdirSync(dir), [])
  const others = new Database(join(dir, 'oneseat.db'))
  others.exec('CREATE TABLE users (name TEXT)')
  t.match(await runUsers(['list'], { env }), told)
  t.strictSame(others.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all(), [
    'users',
  ])
  others.close()
})

t.test('whoever is away is named', async (t) => {
  const env = { ...emptyDatabase(t), SESSION_SECRET: 'a secret of the tests that is long enough' }
  const [stdin, set] = [`${PASSWORD} by another name`, ['ann', '--password-stdin']]
  t.match(await runUsers(['add', ...set], { env, stdin }), { code: 0 })
  const away = { ...env, REDIS_URL: 'redis://127.0.0.1:1' }
  t.match(await runUsers(['password', ...set], { env: away, stdin }), {
    code: 1,
    stderr: /^users: Redis does not answer: /,
  })
})

t.test('the life of an account on the command line', async (t) => {
  const env = { ...emptyDatabase(t), RESET_URL: 'https://app.example/reset#{token}' }
  await runUsers(['add', 'ann', '--password-stdin'], { env, stdin: PASSWORD })
  const instance = await startInstance(env)
  t.teardown(() => instance.stop())
  const device = new Browser(instance.url)
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runUsers(args, { env, counted: true })
    t.equal(stderr, '')
    t.equal(code, 0)
    return stdout
  }
  t.equal((await device.login('ann')).status, 200)
  t.equal(await run('roles', 'ann', 'admin', 'editor'), 'ann has roles admin, editor now.\n')
  t.match(await device.get('/me'), { body: { user: { roles: ['admin', 'editor'] } } })
  t.match(await runUsers(['roles', 'ann'], { env }), { code: 1, stderr: /last administrator/ })
  await runUsers(['add', 'root', '--role', 'admin', '--password-stdin'], { env, stdin: PASSWORD })
  t.equal(await run('rename', 'ann', 'Anna'), 'ann is called anna now.\n')
  t.match(await device.get('/me'), { body: { user: { username: 'anna' } } })
  t.equal(await run('signout', 'anna'), 'anna is signed out everywhere.\n')
  t.match(await device.get('/me'), { status: 401, body: { code: 'session_revoked' } })
  t.equal(await run('disable', 'anna'), 'anna is disabled, and signed out everywhere.\n')
  t.equal((await device.login('anna')).status, 401)
  t.equal(await run('enable', 'anna'), 'anna may sign in again.\n')
  t.equal((await device.login('anna')).status, 200)

  const [link = '', told] = (await run('reset-link', 'anna')).split('\n')
  t.match(told, /^It sets another password for anna, once, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/)
  t.match(await device.get('/me'), { status: 401, body: { code: 'session_revoked' } })
  const newPassword = 'another test, another secret'
  const token = link.replace('https://app.example/reset#', '')
  t.equal((await device.post('/password/reset', { token, newPassword })).status, 204)
  t.equal((await device.login('anna', { password: newPassword })).status, 200)

  const document = JSON.parse(await run('export', 'anna'))
  t.match(document, { user: { username: 'anna' }, sessions: [{ current: false }] })
  t.match(await run('why', 'anna'), /The name was changed, by command line\n.*Set another password/s)
  t.match(await run('delete', 'anna'), 'anna is deleted. Nobody can have the name for 30 days.\n')
  t.match(await device.get('/me'), { status: 401, body: { code: 'user_deleted' } })
  t.match(await runUsers(['delete', 'anna'], { env }), {
    code: 1,
    stderr: 'users: there is no account anna\n',
  })
  t.match(await runUsers(['delete', 'root'], { env }), { code: 1, stderr: /last administrator/ })
})

t.test('whoever reads the list may stop reading', async (t) => {
  const database = emptyDatabase(t)
  const env = { PATH: process.env['PATH'], ...compiledOnce(), ...database }
  await runUsers(['add', 'ann', '--password-stdin'], { env: database, stdin: PASSWORD })
  const list = endWithUs(spawn(process.execPath, [PROGRAM, 'users', 'list'], { env, stdio: 'pipe' }))
  list.stdout?.destroy() // as `head` does
  let said = ''
  list.stderr?.on('data', (chunk) => {
    said += chunk
  })
  t.equal(await new Promise((done) => list.once('close', done)), 0)
  t.equal(said, '')
})

t.test('a refusal exits with 1, a mistake in the command with 2', async (t) => {
  const [refused, mistaken, alone, help] = await Promise.all([
    runUsers(['add', 'ann', '--password-stdin'], { env: emptyDatabase(t), stdin: 'too short' }),
    runUsers(['add', 'ann', '--password', PASSWORD], { env: {} }),
    runUsers(['add', 'ann'], { env: emptyDatabase(t), counted: true }),
    runUsers(['--help'], { env: {}, counted: true }),
  ])
  t.match(refused, { code: 1, stdout: '', stderr: /^users: Use at least 15 characters.*\n$/ })
  t.match(mistaken, { code: 2, stdout: '', stderr: /--help\n$/ })
  t.match(alone, { code: 2, stdout: '', stderr: /no terminal.*--password-stdin/ })
  t.match(help, { code: 0, stdout: /add NAME/, stderr: '' })
})

t.test('a misspelt setting is pointed out: these may be the users of another database', async (t) => {
  const env = { ...emptyDatabase(t), SESION_SECRET: 'x' }
  t.match(await runUsers(['list'], { env }), {
    stderr: /^users: SESION_SECRET is no setting. Did you mean SESSION_SECRET\?\n/,
  })
})

t.test('at a terminal it asks twice and shows nothing of what is typed', async (t) => {
  const env = emptyDatabase(t)
  const asked = await typeAtTerminal(['add', 'ann'], { env, counted: true }, [
    { on: 'Password', type: `${PASSWORD}x\x7f\r` },
    { on: 'again', type: `${PASSWORD}\r` },
  ])
  t.equal(asked.code, 0, 'a backspace is one')
  t.match(asked.screen, /ann has an account now\./)
  t.notMatch(asked.screen, PASSWORD.slice(0, 4))
})

t.test('two different passwords make no account', async (t) => {
  const asked = await typeAtTerminal(['add', 'ann'], { env: emptyDatabase(t) }, [
    { on: 'Password', type: `${PASSWORD}\r` },
    { on: 'again', type: `${PASSWORD}!\r` },
  ])
  t.match(asked, { code: 1, screen: /two different/ })
})

t.test('Ctrl-C gives up', async (t) => {
  const asked = await typeAtTerminal(['add', 'ann'], { env: emptyDatabase(t) }, [
    { on: 'Password', type: 'half a passw\x03' },
  ])
  t.match(asked, { code: 1, screen: /nothing was changed/ })
})

t.test('users of another system sign in with the password they had, and get a new hash', async (t) => {
  const env = emptyDatabase(t)
  const file = join(mkdtempSync(join(tmpdir(), 'oneseat-import-')), 'users.csv')
  t.teardown(() => rmSync(join(file, '..'), { recursive: true }))
  const key = scryptSync(PASSWORD, 'saltsaltsalt', 32, { N: 16, r: 8, p: 1 })
  const hashes = [
    await bcrypt(PASSWORD, 4),
    `$scrypt$ln=4,r=8,p=1$${plain64(Buffer.from('saltsaltsalt'))}$${plain64(key)}`,
    await argon2(PASSWORD, { type: argon2i, memoryCost: 8, timeCost: 1, parallelism: 1 }),
    `pbkdf2_sha256$1000$salt$${pbkdf2Sync(PASSWORD, 'salt', 1000, 32, 'sha256').toString('base64')}`,
    `argon2${await argon2(PASSWORD, { memoryCost: 16, timeCost: 1, parallelism: 1 })}`,
    `{bcrypt}${await bcrypt(PASSWORD, 4)}`,
  ]
  const rows = hashes.map((hash, i) => `old-${i},"${hash}",editor`)
  writeFileSync(file, ['username,passwordHash,roles', ...rows, 'bad'].join('\n'))

  const refused = await runUsers(['import', file], { env, counted: true })
  t.match(refused, {
    code: 1,
    stdout: '',
    stderr: /users\.csv:8: .*\nusers: nothing was imported: 1 line is bad\n$/,
  })
  t.match(await runUsers(['list'], { env }), { stdout: '' })
  const partial = await runUsers(['import', file, '--partial'], { env, counted: true })
  t.match(partial, { code: 0, stdout: '6 accounts were imported.\n', stderr: /users\.csv:8: / })

  const instance = await startInstance({ ...env })
  t.teardown(() => instance.stop())
  const database = new Database(env['DATABASE_URL']?.replace('file:', ''), { readonly: true })
  t.teardown(() => database.close())
  for (const [i, hash] of hashes.entries()) {
    const username = `old-${i}`
    const stored = () =>
      database
        .prepare('SELECT password_hash FROM oneseat_accounts WHERE username = ?')
        .pluck()
        .get(username)
    t.equal((await new Browser(instance.url).login(username, { password: 'a wrong one' })).status, 401)
    t.equal(stored(), hash)
    t.match(await new Browser(instance.url).login(username), {
      status: 200,
      body: { user: { roles: ['editor'] } },
    })
    t.match(stored(), /^\$argon2id\$/)
    t.equal((await new Browser(instance.url).login(username)).status, 200, 'and again with that one')
  }

  const why = await runUsers(['why', 'OLD-0'], { env, counted: true })
  t.match(why, { code: 0, stderr: '' })
  t.match(
    why.stdout,
    /The account was made, by command line\n.*A wrong password was tried.*\n.*Signed in/,
  )
  t.match(await runUsers(['why', 'nobody'], { env }), {
    code: 1,
    stderr: 'users: there is no account nobody\n',
  })
})

t.test('a file of another kind says what it is, and many bad lines say how many', async (t) => {
  const env = emptyDatabase(t)
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-import-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const write = (name: string, text: string) => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const semicolons = write('users.csv', 'username;passwordHash\nann;$2b$\n')
  t.match(await runUsers(['import', semicolons], { env, counted: true }), {
    code: 2,
    stdout: '',
    stderr: /separated by semicolons/,
  })
  const many = write('users.jsonl', '{"\u001b[2Jusername":"ann"}\n'.repeat(20_000))
  const { code, stderr } = await runUsers(['import', many], { env, counted: true })
  t.equal(code, 1)
  t.equal(stderr.split('\n').length, 13)
  t.match(stderr, /the first 10 of 20000 bad lines\nusers: nothing was imported: 20000 lines are bad\n$/)
  t.notOk(stderr.includes('\u001b'))
})

function plain64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

const PROGRAM = join(import.meta.dirname, '../../src/cli.ts')
