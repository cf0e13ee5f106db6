import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openSqlite } from '../../src/database/open-sqlite.ts'
import { queriesFor } from '../../src/database/tables.ts'
import { outboxQueue } from '../../src/outbox/queue.ts'
import { runUsers } from '../support/terminal.ts'

t.test('dead letters are listed and sent again', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-webhooks-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const path = join(dir, 'oneseat.db')
  const env = { DATABASE_URL: `file:${path}` }
  const webhooks = (...args: string[]) => runUsers(args, { env, command: 'webhooks', counted: true })
  const { db } = await openSqlite(path)
  t.teardown(() => db.close())
  const queue = outboxQueue(db)
  for (const [id, userId] of [
    ['one', 'ann'],
    ['two', null],
    ['three', 'bob'],
  ] as const) {
    const body = 'not to be seen'
    await db.transaction(() => queue.put({ id, kind: 'webhook', type: 'login', userId, body }))
  }
  t.match(await webhooks('list'), { code: 0, stdout: '', stderr: '' })
  await db.run(queriesFor(db).updateTable('oneseat_outbox').set({ give_up_at: 0 }))
  for (const each of await queue.take('webhook', 9, 1)) await queue.failed(each, 'answered 500\u001b', 1)

  const { code, stdout } = await webhooks('list')
  t.equal(code, 0)
  const lines = stdout.trim().split('\n')
  t.equal(lines.length, 3)
  t.match(
    lines[0],
    /^one {2}webhook {2}login {2}ann {2}\d{4}-\d\d-\d\d [\d:]{8} {2}given up .* after 1 attempts {2}answered 500\\u\{1b\}$/,
  )
  t.match(lines[1], /^two {2}webhook {2}login {2}- /)
  t.notMatch(stdout, /not to be seen/)

  t.match(await webhooks('retry', 'one'), { code: 0, stdout: '1 is tried again.\n' })
  t.match(await webhooks('retry', 'one'), {
    code: 1,
    stdout: '',
    stderr: 'webhooks: none that was given up has the id one\n',
  })
  t.match(await webhooks('retry', '--all'), { code: 0, stdout: '2 are tried again.\n' })
  t.strictSame(await queue.counts('webhook'), { waiting: 3, dead: 0 })
})

t.test('what cannot be understood is told', async (t) => {
  const env = {}
  for (const args of [['send'], ['list', 'more'], ['retry'], ['retry', 'one', 'two']]) {
    const { code, stderr } = await runUsers(args, { env, command: 'webhooks', counted: true })
    t.match({ code, stderr }, { code: 2, stderr: /^webhooks: .*\nTry: oneseat webhooks --help\n$/ })
  }
  for (const args of [['--help'], ['-h'], []])
    t.match(await runUsers(args, { env, command: 'webhooks' }), { code: 0, stdout: /retry --all/ })
  const wrong = { env: { DATABASE_URL: 'nonsense' }, command: 'webhooks', counted: true } as const
  t.match(await runUsers(['list'], wrong), { code: 1, stderr: /^webhooks: DATABASE_URL/ })
})
