import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { StartFailure } from '../../src/settings/start-failure.ts'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { accountsIn, RAISE } from '../support/accounts.ts'
import { REGISTERED } from '../support/service.ts'

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
  t.teardown(() => db.close())
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
  file.exec("INSERT INTO oneseat_service_migrations VALUES ('999-the-future', '2100-01-01')")
  const COUNT = 'SELECT count(*) FROM oneseat_service_migrations'
  const before = file.prepare(COUNT).pluck().get()
  await db.close()
  await t.rejects(openSqlite(path), {
    constructor: StartFailure,
    message: /newer version.*\(999-the-future\)/,
  })
  const after = new Database(path, { readonly: true })
  t.equal(after.prepare(COUNT).pluck().get(), before)
  after.close()
})

t.test('of several processes none gets a number that another has got', async (t) => {
  const path = newPath(t)
  const { accounts, numbers, close } = accountsIn((await openSqlite(path)).db)
  t.teardown(close)
  await accounts.create(ANN, REGISTERED)
  const all = await Promise.all([1, 2, 3].map(() => raiseMany(path, ANN.handle, 50)))
  for (const mine of all)
    t.strictSame(
      mine,
      mine.toSorted((a, b) => a - b),
      'and only upwards',
    )
  t.equal(new Set(all.flat()).size, 150)
  t.match(await numbers.find({ handle: ANN.handle }), { number: 150 })
})

t.test('a file that is up to date is opened as it is', async (t) => {
  const path = newPath(t)
  const first = accountsIn((await openSqlite(path)).db)
  const account = await first.accounts.create(ANN, REGISTERED)
  await first.close()
  const second = accountsIn((await openSqlite(path)).db)
  t.teardown(second.close)
  t.strictSame(await second.accounts.findById(ANN.id), account)
})

t.test('what is committed is on the disk, and readers do not wait for writers', async (t) => {
  const { file, db } = await openSqlite(newPath(t))
  t.teardown(() => db.close())
  t.equal(file.pragma('journal_mode', { simple: true }), 'wal')
  t.equal(file.pragma('synchronous', { simple: true }), 2, 'FULL')
})

t.test('the directory is made, for the owner only', async (t) => {
  const path = join(newPath(t), '../made/here/oneseat.db')
  const { db } = await openSqlite(path)
  t.teardown(() => db.close())
  t.equal(statSync(join(path, '..')).mode & 0o777, 0o700)
})

t.test('in a directory of somebody else, too, only the owner may read it', async (t) => {
  const path = newPath(t)
  const { db } = await openSqlite(path)
  t.teardown(() => db.close())
  for (const file of [path, `${path}-wal`, `${path}-shm`]) t.equal(statSync(file).mode & 0o777, 0o600)
})

t.test('a migration that fails leaves nothing half done, and stops the start', async (t) => {
  const path = newPath(t)
  const { file, db } = await openSqlite(path)
  file.exec('DROP TABLE oneseat_accounts; DROP TABLE oneseat_timeline')
  file.exec('DELETE FROM oneseat_service_migrations')
  file.exec('CREATE INDEX oneseat_timeline_user ON oneseat_users (id)') // the name that the migration needs
  await db.close()
  await t.rejects(openSqlite(path), /oneseat_timeline_user/)
  const again = 'and not: the table exists already'
  await t.rejects(openSqlite(path), /oneseat_timeline_user/, again)
})

t.test('a file locked by somebody else is waited for, and is away if that takes too long', async (t) => {
  const path = newPath(t)
  const mine = await openSqlite(path)
  const other = await openSqlite(path)
  const [{ accounts, numbers, close }, store] = [accountsIn(mine.db), sqliteStore(mine.file, Date.now)]
  t.teardown(() => Promise.all([close(), store.close(), other.db.close()]))
  await accounts.create(ANN, REGISTERED)
  const nothing = await store.read('h1')
  const changes = (): Promise<unknown>[] => [
    numbers.raise(ANN.handle, RAISE),
    accounts.create({ ...ANN, id: 'u2', handle: 'h2', username: 'bob' }, REGISTERED),
    accounts.createAll([{ ...ANN, id: 'u3', handle: 'h3', username: 'cy' }], REGISTERED),
    store.swap('h1', nothing, 'x', Date.now() + 1_000),
    store.ping(),
    accounts.ping(),
  ]

  other.file.exec('BEGIN IMMEDIATE')
  const waiting = changes()
  t.match(await numbers.find({ id: ANN.id }), { number: 0 }, 'reading goes on')
  t.equal((await store.read('h1')).text, null)
  await new Promise((done) => setTimeout(done, 60))
  other.file.exec('COMMIT')
  t.equal((await Promise.all(waiting)).length, 6)
  t.match(await numbers.find({ id: ANN.id }), { number: 1 })

  other.file.exec('BEGIN IMMEDIATE')
  const away = { code: 'store_unavailable', cause: { code: 'SQLITE_BUSY' } }
  const asked = performance.now()
  await Promise.all(changes().map((change) => t.rejects(change, away)))
  t.ok(performance.now() - asked < 4_000, 'they wait at the same time')
  t.match(await numbers.find({ id: ANN.id }), { number: 1 })
  other.file.exec('COMMIT')
  t.match(await numbers.raise(ANN.handle, RAISE), { number: 2 })
})

t.test('two prefixes in one file are apart, and neither has tables of the service', async (t) => {
  const path = newPath(t)
  const [one, two] = [
    await openSqlite(path, { prefix: 'a_', service: false }),
    await openSqlite(path, { prefix: 'b"_', service: false }),
  ]
  t.teardown(() => Promise.all([one.db.close(), two.db.close()]))
  const [here, there] = [
    sqliteStore(one.file, Date.now, 'a_sessions'),
    sqliteStore(two.file, Date.now, 'b"_sessions'),
  ]
  t.equal(await here.swap('h', await here.read('h'), 'mine', Date.now() + 1_000), true)
  t.equal((await there.read('h')).text, null)
  await there.ping()
  t.equal((await here.read('h')).text, 'mine')
  const names = one.file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all()
  t.strictSame(
    names.filter((name) => !/^(a_|b"_|sqlite_)/.test(String(name))),
    [],
  )
})

t.test('a record that nobody will ask for is forgotten at the next start', async (t) => {
  const { file, db } = await openSqlite(':memory:')
  t.teardown(() => db.close())
  const store = sqliteStore(file, () => 1_000)
  for (const [handle, keepUntil] of [
    ['old', 999],
    ['kept', 1_001],
  ] as const)
    await store.swap(handle, await store.read(handle), 'x', keepUntil)
  const next = sqliteStore(file, () => 1_000)
  t.equal((await next.read('old')).text, null)
  t.equal((await next.read('kept')).text, 'x')
})

t.test('a file that is closed is away', async (t) => {
  const { file, db } = await openSqlite(':memory:')
  const store = sqliteStore(file, Date.now)
  await store.ping()
  const nothing = await store.read('h')
  await db.close()
  const away = { code: 'store_unavailable' }
  await t.rejects(store.ping(), away)
  await t.rejects(store.read('h'), away)
  await t.rejects(store.swap('h', nothing, 'x', 1), away)
})

function newPath(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-sqlite-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'oneseat.db')
}

async function raiseMany(path: string, handle: string, times: number): Promise<number[]> {
  const program = join(import.meta.dirname, 'raise-many.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [program, path, handle, String(times)])
  return JSON.parse(stdout) as number[]
}
