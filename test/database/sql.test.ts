import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { all, one, type Sql } from '../../src/database/sql.ts'
import { newUserRow } from '../../src/database/sql-numbers.ts'
import { sqliteSql } from '../../src/database/sqlite-sql.ts'
import { queriesFor, type UserRow } from '../../src/database/tables.ts'
import { openDatabase } from '../support/database.ts'

// What `Sql` promises, on both databases, in the order of its comments.

const AWAY = { code: 'store_unavailable' }

t.test('SQLite', async (t) => {
  const { db } = await openSqlite(newPath(t))
  contract(t, db)
})

t.test('PostgreSQL', async (t) => {
  const { db } = await openPostgres(await openDatabase(t), () => {})
  contract(t, db)
})

function contract(t: Test, db: Sql): void {
  const queries = queriesFor(db)
  const insert = (row: UserRow) => queries.insertInto('oneseat_users').values(row)
  const find = (id: string) => queries.selectFrom('oneseat_users').selectAll().where('id', '=', id)
  const add = (id: string, count: number) => {
    const update = queries.updateTable('oneseat_users').set({ number: sql`number + ${count}` })
    return update.where('id', '=', id).returning('number')
  }

  t.test('run: rows come back as they were put, and numbers as numbers', async (t) => {
    const row = { ...newUserRow('run', 'h-run'), number: 2 ** 52, data: '{"é":"😀\\n"}', live_until: 7 }
    t.strictSame(await db.run(insert(row)), [])
    t.strictSame(await db.run(find('run')), [row])
    t.strictSame(await db.run(add('run', 1)), [{ number: 2 ** 52 + 1 }])
    t.strictSame(await db.run(find('nobody')), [])
  })

  t.test('run: what the database has against a query', async (t) => {
    await t.rejects(db.run(insert(newUserRow('run', 'another'))), AWAY, 'there is one with this id')
    const nowhere = queriesFor(db)
      .selectFrom('nowhere' as 'oneseat_users')
      .selectAll()
    await t.rejects(db.run(nowhere), { ...AWAY, cause: /nowhere/ })
  })

  t.test('transaction: gives each query its rows, and the caller what it returns', async (t) => {
    await db.run(insert(newUserRow('rows', 'h-rows')))
    const result = await db.transaction(function* () {
      const [added] = yield* all(add('rows', 5))
      const found = yield* one(find('rows'))
      const nobody = yield* one(find('nobody'))
      return { added: added?.number, found: found?.number, nobody }
    })
    t.strictSame(result, { added: 5, found: 5, nobody: null })
  })

  t.test('transaction: one that throws has no effect, whatever throws in it', async (t) => {
    await db.run(insert(newUserRow('all', 'h-all')))
    const refusal = new Error('thrown by the work itself')
    const byItself = db.transaction(function* () {
      yield* all(add('all', 1))
      yield* all(insert(newUserRow('all 2', 'h-all 2')))
      throw refusal
    })
    t.equal(await byItself.catch((error) => error), refusal, 'it is passed on as it is')
    const byDatabase = db.transaction(function* () {
      yield* all(add('all', 1))
      yield* all(insert(newUserRow('all 3', 'h-all'))) // the handle is somebody else's
    })
    await t.rejects(byDatabase, AWAY)
    const atOnce = db.transaction(() => {
      throw refusal
    })
    t.equal(await atOnce.catch((error) => error), refusal)
    t.match(await db.run(find('all')), [{ number: 0 }])
    for (const id of ['all 2', 'all 3']) t.strictSame(await db.run(find(id)), [], id)
  })

  t.test('transaction: those that fail leave nothing behind for those that come after', async (t) => {
    await db.run(insert(newUserRow('after', 'h-after')))
    const failing = Array.from({ length: 30 }, () =>
      db.transaction(function* () {
        yield* all(add('after', 100))
        throw new Error('failed')
      }),
    )
    t.ok((await Promise.allSettled(failing)).every(({ status }) => status === 'rejected'))
    const fine = Array.from({ length: 30 }, () => db.transaction(() => one(add('after', 1))))
    await Promise.all(fine)
    t.match(await db.run(find('after')), [{ number: 30 }])
  })

  t.test('transaction: nobody sees half of it', async (t) => {
    for (const id of ['left', 'right']) await db.run(insert(newUserRow(id, `h-${id}`)))
    const moving = Array.from({ length: 20 }, () =>
      db.transaction(function* () {
        yield* all(add('left', 1))
        yield* all(add('right', -1))
      }),
    )
    const both = queries
      .selectFrom('oneseat_users')
      .select(sql<number>`sum(number)`.as('sum'))
      .where('id', 'in', ['left', 'right'])
    const sums = await Promise.all(Array.from({ length: 20 }, () => db.run(both)))
    for (const [row] of sums) t.equal(Number(row?.sum), 0)
    await Promise.all(moving)
    t.match(await db.run(find('left')), [{ number: 20 }])
  })

  t.test('any number of different queries', async (t) => {
    for (let columns = 1; columns < 260; columns++) {
      const ids = Array.from({ length: columns }, (_, i) => `many ${i}`)
      const query = queries.selectFrom('oneseat_users').select('id').where('id', 'in', ids)
      t.strictSame(await db.run(query), [])
    }
  })

  t.test('now: milliseconds since 1970', async (t) => {
    const before = Date.now()
    const [row] = await db.run(queries.selectNoFrom(db.now.as('now')))
    t.ok(Number.isInteger(row?.now))
    t.ok(before - 1 <= (row?.now ?? 0) && (row?.now ?? 0) <= Date.now() + 1)
  })

  t.test('isStandby: this one is none', async (t) => {
    const [row] = await db.run(queries.selectNoFrom(db.isStandby.as('standby')))
    t.equal(Boolean(row?.standby), false)
  })

  t.test('lockTable: whoever changes it waits, and then sees what was done', async (t) => {
    await db.run(insert(newUserRow('lock', 'h-lock')))
    const turns = Array.from({ length: 10 }, () =>
      db.transaction(function* () {
        yield* db.lockTable('oneseat_users')
        const found = yield* one(find('lock'))
        const set = queries.updateTable('oneseat_users').set({ number: (found?.number ?? 0) + 1 })
        yield* all(set.where('id', '=', 'lock'))
      }),
    )
    await Promise.all(turns)
    t.match(await db.run(find('lock')), [{ number: 10 }])
  })

  t.test('close: then it is away', async (t) => {
    await db.close()
    await t.rejects(db.run(find('ann')), AWAY)
    await t.rejects(
      db.transaction(() => one(find('ann'))),
      AWAY,
    )
  })
}

t.test('a SQLite file that another process has locked', async (t) => {
  const path = newPath(t)
  const { db } = await openSqlite(path)
  t.teardown(() => db.close())
  const other = new Database(path)
  t.teardown(() => other.close())
  const query = queriesFor(db).updateTable('oneseat_users').set({ number: 1 })

  await t.test('is waited for, without standing still', async (t) => {
    for (const work of [() => db.run(query), () => db.transaction(() => all(query))]) {
      other.exec('BEGIN IMMEDIATE')
      let done = false
      const writing = work().then(() => {
        done = true
      })
      let turns = 0
      for (const until = performance.now() + 300; performance.now() < until; turns++)
        await setImmediate()
      t.ok(turns > 100, `${turns} turns of the event loop`)
      t.notOk(done)
      t.strictSame(
        await db.run(queriesFor(db).selectFrom('oneseat_users').selectAll()),
        [],
        'reads go on',
      )
      other.exec('COMMIT')
      await writing
    }
  })

  await t.test('and given up after a while', async (t) => {
    other.exec('BEGIN IMMEDIATE')
    const start = performance.now()
    const busy = { ...AWAY, cause: { code: 'SQLITE_BUSY' } }
    await Promise.all([
      t.rejects(db.run(query), busy),
      t.rejects(
        db.transaction(() => all(query)),
        busy,
      ),
    ])
    const waited = performance.now() - start
    t.ok(waited > 1_500 && waited < 5_000, `${waited} ms`)
    other.exec('COMMIT')
    await db.run(query)
  })
})

t.test('a bug in SQLite code is told as one', async (t) => {
  const file = new Database(':memory:')
  const db = sqliteSql(file)
  t.teardown(() => db.close())
  const bug = {
    compile: () => ({ ...queriesFor(db).selectNoFrom(sql`1`.as('one')).compile(), sql: 'select ?' }),
  }
  await t.rejects(db.run(bug), { name: 'RangeError' })
})

function newPath(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-sql-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'oneseat.db')
}
