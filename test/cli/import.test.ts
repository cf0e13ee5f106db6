import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { importUsers, tellBadLines } from '../../src/cli/import.ts'
import { makeUser } from '../support/people.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

const HASH = `$2b$10$${'a'.repeat(53)}`

for (const engine of BOTH_ENDS) {
  t.test(`all or nothing, unless partial [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const { parts } = service
    await makeUser(service, 'user-1100')
    const users = Array.from({ length: 1200 }, (_, i) => anImported(i + 1, `user-${i}`))
    const bad = [{ line: 1201, problem: 'something' }]
    const given = { ...parts, random: randomBytes, clock: Date.now }
    const taken = {
      line: 1101,
      problem: 'user-1100 is taken: it, or a name that looks the same, has an account',
    }

    t.strictSame(await importUsers(given, { users, bad: [] }, false), { made: 0, bad: [taken] })
    t.strictSame(await importUsers(given, { users, bad }, false), { made: 0, bad: [taken, ...bad] })
    t.equal((await parts.accounts.list({ after: '', limit: 9 })).length, 1, 'nothing is there')

    t.strictSame(await importUsers(given, { users, bad }, true), { made: 1199, bad: [taken, ...bad] })
    const last = await parts.accounts.findByUsername('user-1199')
    t.match(last, { username: 'user-1199', passwordHash: HASH, lastLoginAt: null })
    const events = await parts.timeline.list(last?.id ?? '', { before: null, limit: 9 })
    t.match(events, [{ type: 'registered', by: { user: 'command line' } }])
    t.strictSame(await importUsers(given, { users: [], bad: [] }, false), { made: 0, bad: [] })
  })

  t.test(`a name that looks like one that is there is taken [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    await makeUser(service, 'paypal')
    const given = { ...service.parts, random: randomBytes, clock: Date.now }
    const users = [anImported(2, 'paypa1'), anImported(3, 'bob')]
    t.match(await importUsers(given, { users, bad: [] }, false), { made: 0, bad: [{ line: 2 }] })
    t.match(await importUsers(given, { users, bad: [] }, true), { made: 1, bad: [{ line: 2 }] })
  })

  t.test(`somebody signs up meanwhile: the others are made, and it is told [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const { accounts } = service.parts
    const users = Array.from({ length: 300 }, (_, i) => anImported(i + 2, `user-${i}`))
    const findTaken: typeof accounts.findTaken = async (names) => {
      const taken = await accounts.findTaken(names)
      if (names.includes('user-299')) await makeUser(service, 'user-250')
      return taken
    }
    const given = {
      ...service.parts,
      accounts: { ...accounts, findTaken },
      random: randomBytes,
      clock: Date.now,
    }
    const { made, bad } = await importUsers(given, { users, bad: [] }, false)
    t.match({ made, bad }, { made: 299, bad: [{ line: 252, problem: /^user-250 is taken/ }] })
    t.match(await accounts.findByUsername('user-251'), { passwordHash: HASH })
  })
}

t.test('another writer of the same file gets its turn between two batches', async (t) => {
  const path = join(mkdtempSync(join(tmpdir(), 'oneseat-import-')), 'oneseat.db')
  t.teardown(() => rmSync(join(path, '..'), { recursive: true }))
  const service = await startService(t, 'sqlite', { env: { DATABASE_URL: `file:${path}` } })
  const other = new Database(path, { timeout: 0 }) // waits for no lock
  t.teardown(() => other.close())
  const users = Array.from({ length: 1_000 }, (_, i) => anImported(i + 2, `user-${i}`))
  const given = { ...service.parts, random: randomBytes, clock: Date.now }
  const importing = importUsers(given, { users, bad: [] }, false)
  let seen = 0
  const between = new Set<number>()
  while (seen < 1_000) {
    await new Promise((done) => setTimeout(done, 2))
    other.exec('BEGIN IMMEDIATE')
    seen = other.prepare('SELECT count(*) FROM oneseat_accounts').pluck().get() as number
    other.exec('COMMIT')
    between.add(seen)
  }
  t.match(await importing, { made: 1_000 })
  t.ok(between.size > 2, `it saw ${[...between]}`)
})

t.test('of many bad lines the first ten are told, and how many there are', async (t) => {
  const bad = Array.from({ length: 20_000 }, (_, i) => ({ line: i + 2, problem: 'this is not JSON' }))
  const told = [...tellBadLines('users.jsonl', bad)]
  t.equal(told.length, 11)
  t.equal(told[9], 'users.jsonl:11: this is not JSON')
  t.match(told[10], 'the first 10 of 20000 bad lines')
  t.equal([...tellBadLines('users.jsonl', bad.slice(0, 10))].length, 10)
})

t.test('nothing that a terminal obeys comes out of a file, nor a line without end', async (t) => {
  const evil = '\u001b]0;title\u0007\u001b[2J\r\n\u009b31m\u202e\u2028\u200b x'
  const [line = ''] = tellBadLines('users.jsonl', [{ line: 2, problem: `${evil}: unexpected property` }])
  t.notMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u)
  t.match(line, '\\u{1b}]0;title\\u{7}')
  const [long = ''] = tellBadLines('users.jsonl', [{ line: 2, problem: 'x'.repeat(1_000_000) }])
  t.ok(long.length < 400)
})

function anImported(line: number, username: string) {
  return { line, username, passwordHash: HASH, roles: [] }
}
