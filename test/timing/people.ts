import { randomBytes } from 'node:crypto'
import { openPasswords } from '../../src/accounts/passwords.ts'
import { signUpWith } from '../../src/accounts/sign-up.ts'
import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { PASSWORD } from '../support/browser.ts'

/** Makes `ann`, and `dan` who is disabled, with hashes as the settings have them. */
export async function makePeople(path: string): Promise<void> {
  const { ARGON2_MEMORY_KIB: memoryKib, ARGON2_PASSES: passes } = readSettings({})
  const passwords = openPasswords({ memoryKib, passes, concurrency: 1, queue: 1 })
  const { db } = await openSqlite(path)
  const accounts = sqlAccounts(db)
  const signUp = signUpWith(accounts, passwords, randomBytes, Date.now)
  await signUp({ username: 'ann', password: PASSWORD, roles: [] })
  const dan = await signUp({ username: 'dan', password: PASSWORD, roles: [] })
  await accounts.change(dan.id, { disabled: true }, Date.now())
  await accounts.close()
}
