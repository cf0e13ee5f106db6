import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import type { Sql } from '../../src/database/sql.ts'
import { accountsIn } from '../support/accounts.ts'
import { openDatabase } from '../support/database.ts'
import { REGISTERED } from '../support/service.ts'
import { accountsContract, anyAccount, closedIsAway } from './contract.ts'

t.test('SQLite', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-accounts-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  await run(t, async () => (await openSqlite(join(dir, 'oneseat.db'))).db)
})

t.test('PostgreSQL', async (t) => {
  const url = await openDatabase(t)
  await run(t, async () => (await openPostgres(url, () => {})).db)
})

async function run(t: Test, open: () => Promise<Sql>): Promise<void> {
  const [here, there] = [accountsIn(await open()), accountsIn(await open())]
  t.teardown(() => here.close())
  const parts = ({ accounts, numbers, timeline }: typeof here) => ({ accounts, numbers, timeline })
  accountsContract(t, parts(here), parts(there))

  t.test('what cannot be told of has not happened', async (t) => {
    const broken = () => {
      throw new Error('the timeline is broken')
    }
    const mute = sqlAccounts(here.db, here, broken, { *add() {} })
    const wish = anyAccount()
    await t.rejects(mute.create(wish, REGISTERED), { message: /timeline/ })
    t.equal(await here.accounts.findById(wish.id), null)
    t.equal(await here.numbers.find({ id: wish.id }), null)
  })

  t.test('a database that is closed is away', async (t) => {
    await there.close()
    await closedIsAway(t, parts(there))
    await here.accounts.ping()
  })
}
