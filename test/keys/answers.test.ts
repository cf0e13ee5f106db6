import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { sql } from 'kysely'
import t from 'tap'
import { openEngines } from '../../src/database/engines.ts'
import { queriesFor } from '../../src/database/tables.ts'
import { createFastify } from '../../src/http/server.ts'
import { requestId, sqlAnswers } from '../../src/keys/answers.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { type EngineName, startService } from '../support/service.ts'

const DAY = 24 * 60 * 60 * 1000

for (const engine of ['sqlite', 'postgres'] as EngineName[]) {
  t.test(`the first of a request counts, and so does its first answer [${engine}]`, async (t) => {
    const { db } = (await startService(t, engine)).engines
    const answers = sqlAnswers(db)
    const first = { bodyHash: 'a', salt: 'b' }
    t.same(await answers.begin('id', 'ann', first), { ...first, answer: null })
    t.same(await answers.begin('id', 'ann', { bodyHash: 'c', salt: 'd' }), { ...first, answer: null })
    t.equal(await answers.finish('id', '1'), '1')
    t.equal(await answers.finish('id', '2'), '1')
    t.same(await answers.begin('id', 'ann', first), { ...first, answer: '1' })
    t.equal(await answers.finish('other', '1'), '1', 'one that was forgotten meanwhile')

    t.equal(await answers.forgetSome(9), 0)
    const kept = queriesFor(db).updateTable('oneseat_answers')
    await db.run(kept.set({ at: sql`at - ${DAY + 1}` }))
    t.equal(await answers.forgetSome(9), 1)
    const second = { bodyHash: 'e', salt: 'f' }
    t.same(await answers.begin('id', 'ann', second), { ...second, answer: null })
  })
}

t.test('the id of a request is another for each key, and tells neither', async (t) => {
  const id = requestId('osk_a', 'b')
  t.match(id, /^[\w-]{43}$/)
  t.not(id, requestId('osk_b', 'b'))
  t.not(id, requestId('osk_a', 'c'))
})

t.test('what cannot be removed is told, and stops nothing', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-answers-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const path = join(dir, 'oneseat.db')
  const settings = readSettings({ DATABASE_URL: `file:${path}` })
  const open = async () => {
    const app = createFastify({ logLevel: 'silent', trustProxy: [] })
    const warned: unknown[] = []
    Object.assign(app.log, { warn: (about: { event: string }) => warned.push(about.event) })
    await openEngines(app, settings)
    await app.close()
    return warned
  }
  t.same(await open(), [])
  const file = new Database(path)
  file.exec('DROP TABLE oneseat_answers')
  file.close()
  t.same(await open(), ['cleanup_failed'])
})

t.test('a machine whose clock is far ahead removes nothing that others keep', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-answers-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const settings = readSettings({ DATABASE_URL: `file:${join(dir, 'oneseat.db')}` })
  const open = async () => {
    const app = createFastify({ logLevel: 'silent', trustProxy: [] })
    return { app, ...(await openEngines(app, settings)) }
  }
  const there = await open()
  await there.answers.begin('id', 'ann', { bodyHash: 'a', salt: 'b' })
  there.timeline.record({ ...EVENT, at: Date.now() })
  await there.app.close()

  const { now } = Date
  Date.now = () => now() + 400 * DAY
  t.teardown(() => {
    Date.now = now
  })
  const here = await open()
  await here.timeline.forgetSome(9)
  await here.answers.forgetSome(9)
  const again = await here.answers.begin('id', 'ann', { bodyHash: 'c', salt: 'd' })
  t.same(again, { bodyHash: 'a', salt: 'b', answer: null })
  t.equal((await here.timeline.list('ann', { before: null, limit: 9 })).length, 1)
  await here.app.close()
})

const NOBODY = { sessionId: null, device: null, ip: null, by: null }
const EVENT = { userId: 'ann', type: 'login', ...NOBODY } as const
