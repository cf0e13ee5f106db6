import { openSqlite } from '../../src/database/open-sqlite.ts'
import { sqlNumbers } from '../../src/database/sql-numbers.ts'

// A process of its own: opens the file, raises the login number of a user many times, and prints what it got.
const [path = '', handle = '', times = '0'] = process.argv.slice(2)
const { db } = await openSqlite(path)
const { numbers } = sqlNumbers(db, () => 'no history')
const purpose = { kind: 'end', sessionId: null, note: null } as const
const got: number[] = []
for (let i = 0; i < Number(times); i++) {
  const user = await numbers.raise(handle, { above: 0, under: null, purpose })
  got.push(user === null || user === 'outdated' ? 0 : user.number)
}
await db.close()
process.stdout.write(JSON.stringify(got))
