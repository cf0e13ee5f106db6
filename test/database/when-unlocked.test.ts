import Database from 'better-sqlite3'
import t from 'tap'
import { whenUnlocked } from '../../src/database/when-unlocked.ts'

const { SqliteError } = Database

t.test('what finds the file locked is tried again, and what fails otherwise is not', async (t) => {
  for (const code of ['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_BUSY_RECOVERY']) {
    let tries = 0
    const work = () => {
      tries += 1
      if (tries < 4) throw new SqliteError('locked', code)
      return tries
    }
    t.equal(await whenUnlocked(work), 4, code)
  }
  for (const error of [new SqliteError('full', 'SQLITE_FULL'), new Error('a bug')]) {
    let tries = 0
    const work = async () => {
      tries += 1
      throw error
    }
    await t.rejects(whenUnlocked(work), error)
    t.equal(tries, 1)
  }
})

t.test('not for ever', async (t) => {
  const asked = performance.now()
  const locked = () => {
    throw new SqliteError('locked', 'SQLITE_BUSY')
  }
  await t.rejects(whenUnlocked(locked, 50), { code: 'SQLITE_BUSY' })
  t.ok(performance.now() - asked >= 50)
})
