import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { refuseStaleLog } from '../../src/database/stale-log.ts'
import { StartFailure } from '../../src/settings/start-failure.ts'

const STALE = {
  constructor: StartFailure,
  message: /-wal was not written for .* delete .*-wal and .*-shm/,
}

function newPath(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-log-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'oneseat.db')
}

/** A process that opens the file, runs the statements, and is killed with the file open. */
async function crash(path: string, statements: readonly string[]): Promise<void> {
  const program = `
    const Database = require('better-sqlite3')
    const file = new Database(process.argv[1])
    file.pragma('journal_mode = WAL')
    for (const statement of JSON.parse(process.argv[2])) file.exec(statement)
    console.log('done')
    setInterval(() => {}, 1000)`
  const child: ChildProcess = spawn(
    process.execPath,
    ['-e', program, path, JSON.stringify(statements)],
    {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const names = async (path: string) => {
  const { db, file } = await openSqlite(path)
  const rows = file.prepare('SELECT username FROM oneseat_accounts ORDER BY username').pluck().all()
  await db.close()
  return rows
}

const insert = (name: string) =>
  `INSERT INTO oneseat_accounts (user_id, username, password_hash, created_at)
   VALUES ('${name}', '${name}', 'x', 1)`

const BACKUPS: Record<string, (path: string, backup: string) => void> = {
  'a copy of a file that was closed': (path, backup) => copyFileSync(path, backup),
  'a copy by VACUUM INTO': (path, backup) => {
    const file = new Database(path)
    file.exec(`VACUUM INTO '${backup}'`)
    file.close()
  },
}

for (const [kind, make] of Object.entries(BACKUPS)) {
  t.test(`a backup put back beside the log of a crash is refused: ${kind}`, async (t) => {
    const path = newPath(t)
    await (await openSqlite(path)).db.close()
    await crash(path, [insert('ann')])
    t.strictSame(await names(path), ['ann'])
    make(path, `${path}.backup`)
    await crash(path, [insert('bob'), ...Array.from({ length: 50 }, (_, i) => insert(`user-${i}`))])
    t.ok(existsSync(`${path}-wal`))

    copyFileSync(`${path}.backup`, path)
    await t.rejects(openSqlite(path), STALE)
    await t.rejects(openSqlite(path), STALE, 'and nothing has become of it')
    rmSync(`${path}-wal`)
    rmSync(`${path}-shm`)
    t.strictSame(await names(path), ['ann'], 'as the sentence says')
  })
}

t.test('who only changed the rights of the file is told how to go on, and loses nothing', async (t) => {
  const path = newPath(t)
  await (await openSqlite(path)).db.close()
  await crash(path, [insert('ann')])
  await new Promise((done) => setTimeout(done, 20)) // until the clock of the files has moved
  chmodSync(path, 0o640)
  await t.rejects(openSqlite(path), /run touch/)
  utimesSync(`${path}-wal`, new Date(), new Date())
  t.strictSame(await names(path), ['ann'])
})

t.test('after a crash at any moment the log is taken', async (t) => {
  for (const [what, statements] of Object.entries({
    'before anything was written': [],
    'with changes that are in the log alone': [insert('ann')],
    'right after all was written to the file': [insert('ann'), 'PRAGMA wal_checkpoint(PASSIVE)'],
    'after that, and some more changes': [
      insert('ann'),
      'PRAGMA wal_checkpoint(PASSIVE)',
      insert('bob'),
    ],
    'after the log began anew': [insert('ann'), 'PRAGMA wal_checkpoint(RESTART)', insert('bob')],
    'with an empty log': [insert('ann'), 'PRAGMA wal_checkpoint(TRUNCATE)'],
  })) {
    const path = newPath(t)
    await (await openSqlite(path)).db.close()
    await crash(path, statements)
    const inserted = statements.filter((statement) => statement.startsWith('INSERT')).length
    t.equal((await names(path)).length, inserted, what)
  }
})

t.test('beside other processes that use the file it is opened', async (t) => {
  const path = newPath(t)
  const { file, db } = await openSqlite(path)
  t.teardown(() => db.close())
  for (let i = 0; i < 300; i++) {
    file.exec(insert(`user-${i}`))
    if (i % 7 === 0) file.pragma('wal_checkpoint(PASSIVE)')
    if (i % 10 === 0) await refuseStaleLog(path)
  }
  t.equal((await names(path)).length, 300)
})
