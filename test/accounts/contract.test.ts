import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { openDatabase } from '../support/database.ts'
import { accountsContract } from './contract.ts'

t.test('SQLite', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-accounts-'))
  const stores = [await openSqlite(join(dir, 'oneseat.db')), await openSqlite(join(dir, 'oneseat.db'))]
  t.teardown(async () => {
    for (const { db } of stores) await db.destroy()
    rmSync(dir, { recursive: true, force: true })
  })
  const [here, there] = stores.map(({ db }) => sqlAccounts(db))
  if (here !== undefined && there !== undefined) accountsContract(t, here, there)
})

t.test('PostgreSQL', async (t) => {
  const url = await openDatabase(t)
  const stores = [await openPostgres(url, () => {}), await openPostgres(url, () => {})]
  t.teardown(async () => {
    for (const { db } of stores) await db.destroy()
  })
  const [here, there] = stores.map(({ db }) => sqlAccounts(db))
  if (here !== undefined && there !== undefined) accountsContract(t, here, there)
})
