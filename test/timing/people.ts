import { randomBytes } from 'node:crypto'
import { openPasswords } from '../../src/accounts/passwords.ts'
import { signUpWith } from '../../src/accounts/sign-up.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { accountsIn, RAISE } from '../support/accounts.ts'
import { PASSWORD } from '../support/browser.ts'
import { REGISTERED } from '../support/service.ts'

/** Makes `ann`, and `dan` who is disabled, with hashes as the settings have them. */
export async function makePeople(path: string): Promise<void> {
  const { ARGON2_MEMORY_KIB: memoryKib, ARGON2_PASSES: passes } = readSettings({})
  const passwords = openPasswords({ memoryKib, passes, concurrency: 1, queue: 1 })
  const { db } = await openSqlite(path)
  const { accounts, close } = accountsIn(db)
  const signUp = signUpWith(accounts, passwords, randomBytes, Date.now)
  await signUp({ username: 'ann', password: PASSWORD, roles: [] }, REGISTERED)
  const dan = await signUp({ username: 'dan', password: PASSWORD, roles: [] }, REGISTERED)
  await accounts.change(dan, { disabled: true })(RAISE)
  await close()
}
