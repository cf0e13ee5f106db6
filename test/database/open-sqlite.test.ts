import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { StartFailure } from '../../src/settings/start-failure.ts'
import { sqliteRegister } from '../../src/stores/sqlite.ts'

const ANN = { id: 'u1', handle: 'h1', username: 'ann', passwordHash: 'x', roles: [], createdAt: 1 }

t.test('processes that start together bring a new file up to date once', async (t) => {
  const path = newPath(t)
  const outputs = await Promise.all([1, 2, 3, 4].map(() => raiseMany(path, 'nobody', 1)))
  t.strictSame(outputs, [[0], [0], [0], [0]])
})

t.test('a new file that another process has begun to write is waited for', async (t) => {
  const path = newPath(t)
  const other = new Database(path)
  t.teardown(() => other.close())
  other.exec('BEGIN IMMEDIATE') // for this lock SQLite itself does not wait
  const opening = openSqlite(path)
  other.exec('COMMIT')
  const { file, db } = await opening
  t.teardown(() => db.destroy())
  t.equal(file.pragma('journal_mode', { simple: true }), 'wal')
})

t.test('a file that is no database is refused at once', async (t) => {
  const path = newPath(t)
  writeFileSync(path, 'a letter to a friend, long enough to be one')
  await t.rejects(openSqlite(path), { code: 'SQLITE_NOTADB' })
})

t.test('what is no file is refused at once, and so is a place where none can be', async (t) => {
  const pipe = newPath(t)
  execFileSync('mkfifo', [pipe])
  await t.rejects(openSqlite(pipe), /is no file/)
  await t.rejects(openSqlite('/dev/null'), /is no file/)
  await t.rejects(openSqlite(join(pipe, '..')), { code: 'EISDIR' })
  for (const path of ['/proc/nope/a.db', '/proc/nope/deeper/a.db', '/sys/nope/a.db', join(pipe, 'a.db')])
    await t.rejects(openSqlite(path), { code: /^E(NOENT|PERM|ACCES|ROFS|NOTDIR)$/ }, path)
})

t.test('a file of a newer version is refused, and left as it is', async (t) => {
  const path = newPath(t)
  const { file, db } = await openSqlite(path)
  file.exec("INSERT INTO kysely_migration VALUES ('999-the-future', '2100-01-01')")
  await db.destroy()
  await t.rejects(openSqlite(path), {
    constructor: StartFailure,
    message: /newer version.*\(999-the-future\)/,
  })
  const after = new Database(path, { readonly: true })
  t.equal(after.prepare('SELECT count(*) FROM kysely_migration').pluck().get(), 3)
  after.close()
})

t.test('of several processes none gets a number that another has got', async (t) => {
  const path = newPath(t)
  const { db } = await openSqlite(path)
  const accounts = sqlAccounts(db)
  t.teardown(() => accounts.close())
  await accounts.create(ANN)
  const numbers = await Promise.all([1, 2, 3].map(() => raiseMany(path, ANN.id, 50)))
  for (const mine of numbers)
    t.strictSame(
      mine,
      mine.toSorted((a, b) => a - b),
      'and only upwards',
    )
  t.equal(new Set(numbers.flat()).size, 150)
  t.match(await accounts.findById(ANN.id), { epoch: 150 })
})

t.test('a file that is up to date is opened as it is', async (t) => {
  const path = newPath(t)
  const first = await openSqlite(path)
  const account = await sqlAccounts(first.db).create(ANN)
  await first.db.destroy()
  const second = await openSqlite(path)
  t.teardown(() => second.db.destroy())
  t.strictSame(await sqlAccounts(second.db).findById(ANN.id), account)
})

t.test('what is committed is on the disk, and readers do not wait for writers', async (t) => {
  const { file, db } = await openSqlite(newPath(t))
  t.teardown(() => db.destroy())
  t.equal(file.pragma('journal_mode', { simple: true }), 'wal')
  t.equal(file.pragma('synchronous', { simple: true }), 2, 'FULL')
})

t.test('the directory is made, for the owner only', async (t) => {
  const path = join(newPath(t), '../made/here/oneseat.db')
  const { db } = await openSqlite(path)
  t.teardown(() => db.destroy())
  t.equal(statSync(join(path, '..')).mode & 0o777, 0o700)
})

t.test('in a directory of somebody else, too, only the owner may read it', async (t) => {
  const path = newPath(t)
  const { db } = await openSqlite(path)
  t.teardown(() => db.destroy())
  for (const file of [path, `${path}-wal`, `${path}-shm`]) t.equal(statSync(file).mode & 0o777, 0o600)
})

t.test('a migration that fails leaves nothing half done, and stops the start', async (t) => {
  const path = newPath(t)
  const { file, db } = await openSqlite(path)
  file.exec("DROP TABLE timeline; DELETE FROM kysely_migration WHERE name = '002-timeline'")
  file.exec('CREATE INDEX timeline_user ON users (id)') // the name that the migration needs
  await db.destroy()
  await t.rejects(openSqlite(path), /timeline_user/)
  const again = await t.rejects(openSqlite(path), /timeline_user/, 'and not: the table exists already')
  t.ok(again)
})

t.test('a file locked by somebody else is waited for, and is away if that takes too long', async (t) => {
  const path = newPath(t)
  const mine = await openSqlite(path)
  const other = await openSqlite(path)
  t.teardown(() => Promise.all([mine.db.destroy(), other.db.destroy()]))
  const [accounts, register] = [sqlAccounts(mine.db), sqliteRegister(mine.file, Date.now)]
  await accounts.create(ANN)
  const changes = (): Promise<unknown>[] => [
    accounts.raise(ANN.id, 0),
    accounts.create({ ...ANN, id: 'u2', handle: 'h2', username: 'bob' }),
    accounts.createAll([{ ...ANN, id: 'u3', handle: 'h3', username: 'cy' }], false),
    register.swap('h1', null, 'x', Date.now() + 1_000),
  ]

  other.file.exec('BEGIN IMMEDIATE')
  const waiting = changes()
  t.match(await accounts.findById(ANN.id), { epoch: 0 }, 'reading goes on')
  t.equal((await register.read('h1')).text, null)
  await new Promise((done) => setTimeout(done, 60))
  other.file.exec('COMMIT')
  t.equal((await Promise.all(waiting)).length, 4)
  t.match(await accounts.findById(ANN.id), { epoch: 1 })

  other.file.exec('BEGIN IMMEDIATE')
  const away = { code: 'store_unavailable', cause: { code: 'SQLITE_BUSY' } }
  const asked = performance.now()
  await Promise.all(changes().map((change) => t.rejects(change, away)))
  t.ok(performance.now() - asked < 4_000, 'they wait at the same time')
  t.match(await accounts.findById(ANN.id), { epoch: 1 })
  other.file.exec('COMMIT')
  t.match(await accounts.raise(ANN.id, 0), { epoch: 2 })
})

t.test('a record that nobody will ask for is forgotten at the next start', async (t) => {
  const { file, db } = await openSqlite(':memory:')
  t.teardown(() => db.destroy())
  const register = sqliteRegister(file, () => 1_000)
  await register.swap('old', null, 'x', 999)
  await register.swap('kept', null, 'x', 1_001)
  const next = sqliteRegister(file, () => 1_000)
  t.equal((await next.read('old')).text, null)
  t.equal((await next.read('kept')).text, 'x')
})

t.test('a file that is closed is away', async (t) => {
  const { file, db } = await openSqlite(':memory:')
  const register = sqliteRegister(file, Date.now)
  await register.ping()
  await db.destroy()
  const away = { code: 'store_unavailable' }
  await t.rejects(register.ping(), away)
  await t.rejects(register.read('h'), away)
  await t.rejects(register.swap('h', null, 'x', 1), away)
})

function newPath(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-sqlite-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'oneseat.db')
}

async function raiseMany(path: string, userId: string, times: number): Promise<number[]> {
  const program = join(import.meta.dirname, '../accounts/raise-many.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program, path, userId, String(times)])
  return JSON.parse(stdout) as number[]
}
