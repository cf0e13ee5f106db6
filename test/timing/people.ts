import { randomBytes } from 'node:crypto'
import { hash as argon2 } from 'argon2'
import { hash as bcrypt } from 'bcrypt'
import { openPasswords } from '../../src/accounts/passwords.ts'
import { signUpWith } from '../../src/accounts/sign-up.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { accountsIn, RAISE } from '../support/accounts.ts'
import { PASSWORD } from '../support/browser.ts'
import { REGISTERED } from '../support/service.ts'

/**
 * Makes `ann`, who has a mail address, and `dan` who is disabled, with hashes as the settings have them; `old` and `new` with hashes of fewer and of
 * more passes, and `bea`, `sam` and `kim` with those of other systems.
 */
export async function makePeople(path: string): Promise<void> {
  const { ARGON2_MEMORY_KIB: memoryKib, ARGON2_PASSES: passes } = readSettings({})
  const passwords = openPasswords({ memoryKib, passes, concurrency: 1, queue: 1 })
  const { db } = await openSqlite(path)
  const { accounts, close } = accountsIn(db)
  const signUp = signUpWith(accounts, passwords, randomBytes, Date.now)
  await signUp({ username: 'ann', password: PASSWORD, roles: [] }, REGISTERED)
  const ann = await accounts.findByUsername('ann')
  if (ann !== null) await accounts.change(ann, { email: 'ann@example.org' })(RAISE)
  const dan = await signUp({ username: 'dan', password: PASSWORD, roles: [] }, REGISTERED)
  await accounts.change(dan, { disabled: true })(RAISE)
  const costs = { memoryCost: memoryKib, parallelism: 1 }
  const hashes = {
    old: await argon2(PASSWORD, { ...costs, timeCost: passes - 1 }),
    new: await argon2(PASSWORD, { ...costs, timeCost: passes + 2 }),
    bea: await bcrypt(PASSWORD, 10),
    sam: `$scrypt$ln=14,r=8,p=1$c2FsdHNhbHQ$${'A'.repeat(43)}`,
    kim: `pbkdf2_sha256$150000$salt$${'A'.repeat(43)}=`,
  }
  await accounts.createAll(
    Object.entries(hashes).map(([username, passwordHash]) => ({
      ...{ id: username, handle: username, username, passwordHash },
      ...{ roles: [], createdAt: Date.now() },
    })),
    REGISTERED,
  )
  await close()
}
