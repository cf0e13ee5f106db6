import { randomBytes } from 'node:crypto'
import t from 'tap'
import { importUsers } from '../../src/cli/import.ts'
import { makeUser } from '../support/people.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

const HASH = `$2b$10$${'a'.repeat(53)}`

for (const engine of BOTH_ENDS) {
  t.test(`all or nothing, unless partial [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const { parts } = service
    await makeUser(service, 'user-1100')
    const users = Array.from({ length: 1200 }, (_, i) => ({
      ...{ line: i + 1, username: `user-${i}`, passwordHash: HASH, roles: [] },
    }))
    const bad = [{ line: 1201, problem: 'something' }]
    const given = { ...parts, random: randomBytes, clock: Date.now }
    const taken = { line: 1101, problem: 'user-1100 has an account already' }

    t.strictSame(await importUsers(given, { users, bad: [] }, false), { made: 0, bad: [taken] })
    t.strictSame(await importUsers(given, { users, bad }, false), {
      ...{ made: 0, bad: [taken, ...bad] },
    })
    t.equal((await parts.accounts.list({ after: '', limit: 9 })).length, 1, 'nothing is there')

    t.strictSame(await importUsers(given, { users, bad }, true), { made: 1199, bad: [taken, ...bad] })
    const last = await parts.accounts.findByUsername('user-1199')
    t.match(last, { username: 'user-1199', passwordHash: HASH, lastLoginAt: null })
    const events = await parts.timeline.list(last?.id ?? '', { before: null, limit: 9 })
    t.match(events, [{ type: 'registered', by: { user: 'command line' } }])
    t.strictSame(await importUsers(given, { users: [], bad: [] }, false), { made: 0, bad: [] })
  })
}
