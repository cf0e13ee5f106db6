import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'

// A process of its own: opens the file, raises the login number of a user many times, and prints what it got.
const [path = '', userId = '', times = '0'] = process.argv.slice(2)
const { db } = await openSqlite(path)
const accounts = sqlAccounts(db)
const numbers: number[] = []
for (let i = 0; i < Number(times); i++) numbers.push((await accounts.raise(userId, 0))?.epoch ?? 0)
await accounts.close()
process.stdout.write(JSON.stringify(numbers))
