import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openPostgres } from '../../src/database/open-postgres.ts'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { invalidRequest } from '../../src/errors.ts'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import { namingSetting, StartFailure, saidOutside } from '../../src/settings/start-failure.ts'
import { freePort } from '../support/redis.ts'

const open = (url: string) => openPostgres(url, () => {})

t.test('what is wrong outside is told in one line, with the setting that leads there', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await new Promise((done) => taken.once('listening', done))
  const { port } = taken.address() as { port: number }
  const nobody = await freePort()
  const attempts: [setting: string, work: () => Promise<unknown>, told: RegExp][] = [
    ['DATABASE_URL', () => openSqlite('/'), /EISDIR/],
    ['DATABASE_URL', () => openSqlite('/sys/none/a.db'), /E[A-Z]+: .*mkdir/],
    ['DATABASE_URL', () => open(`postgres://127.0.0.1:${nobody}/x`), /ECONNREFUSED/],
    ['DATABASE_URL', () => open(`postgres://u@localhost:${nobody}/x`), /ECONNREFUSED/],
    [
      'DATABASE_URL',
      () => open('postgres://no-host.invalid/x'),
      /(ENOTFOUND|EAI_AGAIN) no-host.invalid/,
    ],
    ['HOST, PORT', () => listenOn(port), /EADDRINUSE/],
  ]
  for (const [setting, work, told] of attempts) {
    const error = await namingSetting(setting, work).then(String, (thrown) => thrown)
    t.type(error, StartFailure)
    t.match(error.message, new RegExp(`^${setting}: .*${told.source}[^\\n]*$`))
    t.type(error.cause, Error)
  }
})

t.test('of a damaged file, what to do about it', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-damaged-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  const path = join(dir, 'a.db')
  const { file, db } = await openSqlite(path)
  file.pragma('wal_checkpoint(TRUNCATE)')
  await db.close()
  const whole = readFileSync(path)
  const damaged: Record<string, Buffer> = {
    'a letter': Buffer.from('a letter to a friend, long enough to be one'.repeat(30)),
    'cut off': whole.subarray(0, 4_096 * 2),
    'with other bytes in its pages': Buffer.concat([
      whole.subarray(0, 200),
      Buffer.alloc(whole.length - 200, 'x'),
    ]),
  }
  for (const [how, bytes] of Object.entries(damaged)) {
    writeFileSync(path, bytes)
    const error = await namingSetting('DATABASE_URL', () => openSqlite(path)).then(
      String,
      (thrown) => thrown,
    )
    t.type(error, StartFailure, how)
    t.match(error.message, /^DATABASE_URL: [^\n]*damaged[^\n]*Put back a backup[^\n]*$/, how)
    rmSync(`${path}-wal`, { force: true })
    rmSync(`${path}-shm`, { force: true })
  }
})

t.test('of several addresses, each', async (t) => {
  const each = [new Error('connect ECONNREFUSED ::1'), new Error('connect ECONNREFUSED 127.0.0.1')]
  const error = Object.assign(new AggregateError(each, ''), { code: 'ECONNREFUSED' })
  t.equal(saidOutside(error), 'connect ECONNREFUSED ::1, connect ECONNREFUSED 127.0.0.1')
})

t.test('what a database says has many codes, and none if it says nothing', async (t) => {
  const denied = Object.assign(new Error('password authentication failed'), { code: '28P01' })
  t.equal(saidOutside(denied), denied.message)
  t.equal(saidOutside(storeUnavailable(denied)), denied.message)
  t.equal(saidOutside(storeUnavailable(new Error('timeout'))), 'timeout')
})

t.test('a bug stays what it is, and so does every other refusal', async (t) => {
  const ours = Object.assign(new TypeError('must be a string'), { code: 'ERR_INVALID_ARG_TYPE' })
  const bugs = [
    new TypeError('x is not a function'),
    ours,
    'thrown',
    storeUnavailable(),
    invalidRequest([]),
  ]
  for (const bug of bugs) {
    t.equal(saidOutside(bug), null)
    const thrown = await namingSetting('PORT', () => Promise.reject(bug)).catch((error) => error)
    t.equal(thrown, bug)
  }
  t.equal(await namingSetting('PORT', async () => 3000), 3000)
})

function listenOn(port: number): Promise<void> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail)
    server.listen(port, '127.0.0.1', () => server.close(() => done()))
  })
}
