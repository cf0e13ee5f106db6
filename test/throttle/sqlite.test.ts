import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { LIMITS } from '../../src/throttle/limits.ts'
import { sqliteCounters } from '../../src/throttle/sqlite.ts'
import { throttleWith } from '../../src/throttle/throttle.ts'
import { until } from '../support/until.ts'

function pathOf(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-counters-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'oneseat.db-throttle')
}

t.test('the file is made with the first count, and only its owner may read it', async (t) => {
  const path = pathOf(t)
  const counters = sqliteCounters(path)
  t.notOk(existsSync(path), 'a command that counts nothing leaves nothing behind')
  await counters.add('k', 1, 60)
  t.equal(statSync(path).mode & 0o777, 0o600)
  counters.close()
  const again = sqliteCounters(path)
  t.equal((await again.add('k', 1, 60)).points, 2, 'a restart forgives nobody')
  again.close()
  sqliteCounters(path).close()
})

t.test('while another process holds the lock, nobody waits for it, and all are counted', async (t) => {
  const path = pathOf(t)
  const told: unknown[] = []
  const counters = sqliteCounters(path, { onAlone: (error) => told.push(error) })
  await counters.add('k', 1, 60)
  const other = new Database(path)
  other.exec('BEGIN IMMEDIATE')
  const throttle = throttleWith(counters, 'the secret of a test')
  const ann = { username: 'ann', address: '192.0.2.1', device: null }
  let verified = 0
  for (let i = 0; i < LIMITS.name.free + 3; i++) {
    const begun = performance.now()
    await throttle(ann, async () => {
      verified++
      return { verified: false }
    }).catch(() => {})
    const took = performance.now() - begun
    t.ok(took < 500, `took ${Math.round(took)} ms`)
  }
  t.equal(verified, LIMITS.name.free)
  await until(() => told.length > 0)
  t.match(told, [{ code: 'SQLITE_BUSY' }])
  other.exec('ROLLBACK')
  other.close()
  t.match(await counters.add('k', 1, 60), { points: 2 })
  counters.close()
})

t.test('what is no database is told, and each attempt is counted all the same', async (t) => {
  const path = pathOf(t)
  writeFileSync(path, 'this is a text and no database at all, however long one looks at it'.repeat(20))
  const told: unknown[] = []
  const counters = sqliteCounters(path, { onAlone: (error) => told.push(error) })
  for (let i = 1; i <= 3; i++) t.equal((await counters.add('k', 1, 60)).points, i)
  await until(() => told.length > 0)
  t.match(told, [{ code: 'SQLITE_NOTADB' }])
  rmSync(path)
  t.equal((await counters.add('k', 1, 60)).points, 1, 'it is tried again')
  counters.close()
})

t.test('counters that have ended do not stay in the file', async (t) => {
  const path = pathOf(t)
  const counters = sqliteCounters(path)
  await counters.add('first', 1, 60)
  const file = new Database(path)
  const insert = file.prepare('INSERT INTO throttle VALUES (?, 1, ?)')
  for (let i = 0; i < 150; i++) insert.run(`old ${i}`, 1_000)
  for (let i = 0; i < 100; i++) await counters.add('k', 1, 60)
  t.equal(file.prepare('SELECT count(*) FROM throttle').pluck().get(), 2)
  file.close()
  counters.close()
})
