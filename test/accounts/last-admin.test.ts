import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { Accounts } from '../../src/accounts/accounts.ts'
import { newHandle } from '../../src/sessions/token.ts'
import { openSeatStores } from '../support/seat-stores.ts'

for (const engine of ['sqlite', 'postgres'] as const) {
  t.test(`administrators who remove each other at once leave one [${engine}]`, async (t) => {
    const { accounts } = await openSeatStores(t, engine)
    let left: string[] = []
    for (let round = 0; round < 10; round++) {
      const others = await Promise.all([1, 2, 3].map(() => makeAdmin(accounts)))
      const admins = left.length === 0 ? [await makeAdmin(accounts), ...others] : [...left, ...others]
      const changes = [{ roles: [] }, { disabled: true }, { roles: ['editor'] }, { disabled: true }]
      const outcomes = await Promise.allSettled(
        admins.map((id, i) => accounts.change(id, changes[i] ?? {}, 1)),
      )
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      t.match(refused, [{ reason: { code: 'last_admin' } }])
      t.equal(refused.length, 1)
      const last = admins[outcomes.findIndex((outcome) => outcome.status === 'rejected')] ?? ''
      t.match(await accounts.findById(last), { roles: ['admin'], disabled: false })
      left = [last]
    }
  })
}

async function makeAdmin(accounts: Accounts): Promise<string> {
  const { id } = await accounts.create({
    id: randomBytes(9).toString('base64url'),
    handle: newHandle(randomBytes),
    username: randomBytes(9).toString('hex'),
    passwordHash: '',
    roles: ['admin'],
    createdAt: 0,
  })
  return id
}
