import t from 'tap'
import type { Account, Accounts } from '../../src/accounts/accounts.ts'
import { openAccounts, RAISE } from '../support/accounts.ts'
import { REGISTERED } from '../support/service.ts'
import { anyAccount } from './contract.ts'

for (const engine of ['sqlite', 'postgres'] as const) {
  t.test(`administrators who remove each other at once leave one [${engine}]`, async (t) => {
    const { accounts } = await openAccounts(t, engine)
    let left: Account[] = []
    for (let round = 0; round < 10; round++) {
      const others = await Promise.all([1, 2, 3].map(() => makeAdmin(accounts)))
      const admins = left.length === 0 ? [await makeAdmin(accounts), ...others] : [...left, ...others]
      const changes = [{ roles: [] }, { disabled: true }, { roles: ['editor'] }, { disabled: true }]
      const outcomes = await Promise.allSettled(
        admins.map((admin, i) => accounts.change(admin, changes[i] ?? {})(RAISE)),
      )
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      t.match(refused, [{ reason: { code: 'last_admin' } }])
      t.equal(refused.length, 1)
      const last = admins[outcomes.findIndex((outcome) => outcome.status === 'rejected')] as Account
      t.match(await accounts.findById(last.id), { roles: ['admin'], disabled: false })
      left = [last]
    }
  })
}

function makeAdmin(accounts: Accounts): Promise<Account> {
  const wish = { ...anyAccount(), roles: ['admin'] }
  return accounts.create(wish, REGISTERED)
}
