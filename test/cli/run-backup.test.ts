import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { withoutTap } from '../support/children.ts'
import { startInstance } from '../support/process.ts'
import { CHEAP_HASHES } from '../support/service.ts'
import { runUsers } from '../support/terminal.ts'
import { until } from '../support/until.ts'

t.test('a backup of a running service has everything, and is private', async (t) => {
  const { dir, env, backup } = open(t)
  t.match(await backup(join(dir, 'early.db')), { code: 1, stderr: /^backup: there is no database/ })
  const instance = await startInstance(env)
  t.teardown(() => instance.stop())
  const browser = new Browser(instance.url)
  await browser.post('/register', { username: 'ann', password: PASSWORD })
  await browser.login('ann')
  const copy = join(dir, 'copy.db')
  t.match(await backup(copy), { code: 0, stderr: '', stdout: /copy\.db has the database/ })
  t.equal(statSync(copy).mode & 0o777, 0o600)
  t.equal((await browser.get('/me')).status, 200)

  const other = await startInstance({ ...env, DATABASE_URL: `file:${copy}` })
  t.teardown(() => other.stop())
  const there = new Browser(other.url)
  there.jar.set('oneseat', browser.jar.get('oneseat') ?? '')
  t.match(await there.get('/me'), { status: 200, body: { user: { username: 'ann' } } })
})

t.test('it writes over nothing, and leaves nothing behind that is no copy', async (t) => {
  const { dir, env, backup } = open(t)
  const there = join(dir, 'there.db')
  writeFileSync(there, 'mine')
  writeFileSync(env.DATABASE_URL.slice('file:'.length), 'no database, but long enough to be read as one')
  t.match(await backup(there), { code: 1, stderr: /there\.db is there already: name another file/ })
  t.equal(readFileSync(there, 'utf8'), 'mine')
  const copy = join(dir, 'copy.db')
  t.match(await backup(copy), { code: 1, stderr: /^backup: / })
  t.throws(() => statSync(copy), { code: 'ENOENT' })
  const large = join(dir, 'large.db')
  new Database(large).exec(MANY_PAGES).close()
  const asOnFullDisk = ['-c', `ulimit -f 2048; exec ${process.execPath} src/cli.ts backup ${copy}`]
  const { status } = spawnSync(...withoutTap('sh', asOnFullDisk), {
    env: { ...process.env, DATABASE_URL: `file:${large}` },
  })
  t.equal(status, 1)
  t.strictSame(
    readdirSync(dir).filter((file) => file.startsWith('copy')),
    [],
  )
  t.match(await backup(join(dir, 'nowhere/copy.db')), { code: 1, stderr: /^backup: .*nowhere/ })
})

t.test('one that is killed leaves nothing that looks like a copy', async (t) => {
  const { dir, env } = open(t)
  const file = new Database(join(dir, 'oneseat.db'))
  file.exec('CREATE TABLE large (value BLOB)')
  const insert = file.prepare('INSERT INTO large VALUES (randomblob(1000000))')
  for (let n = 0; n < 60; n++) insert.run()
  file.close()
  const copy = join(dir, 'copy.db')
  const args = ['bin/oneseat.js', 'backup', copy]
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'ignore' })
  const ended = once(child, 'exit')
  await until(() => readdirSync(dir).some((name) => name.startsWith('copy.db')), 20_000)
  child.kill('SIGKILL')
  await ended
  // It may have been done just before.
  t.ok(!existsSync(copy) || statSync(copy).size > 60_000_000)
})

t.test('what cannot be understood, and PostgreSQL, are told', async (t) => {
  const { backup } = open(t)
  for (const args of [[], ['a.db', 'b.db'], ['--fast']])
    t.match(await backup(...args), {
      code: 2,
      stderr: /^backup: name one file.*\nTry: oneseat --help\n$/,
    })
  const env = {
    DATABASE_URL: 'postgres://nobody@localhost/none',
    SESSION_SECRET: 'all instances know this one secret',
  }
  t.match(await runUsers(['a.db'], { env, command: 'backup', counted: true }), {
    code: 1,
    stderr: /^backup: the database is PostgreSQL: copy it with pg_dump\n/,
  })
  t.match(await backup('--help'), { code: 0, stdout: /oneseat backup FILE/ })
})

function open(t: { teardown(end: () => void): void }) {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-backup-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const env = { ...CHEAP_HASHES, DATABASE_URL: `file:${join(dir, 'oneseat.db')}` }
  const backup = (...args: string[]) => runUsers(args, { env, command: 'backup', counted: true })
  return { dir, env, backup }
}

/** More than SQLite writes in one go; an index has it written in many. */
const MANY_PAGES = `
  CREATE TABLE large (name TEXT PRIMARY KEY);
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)
  INSERT INTO large SELECT i || hex(zeroblob(500)) FROM n`
