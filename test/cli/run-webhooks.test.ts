import t from 'tap'
import { openEngines } from '../../src/database/engines.ts'
import { queriesFor } from '../../src/database/tables.ts'
import { createFastify } from '../../src/http/server.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { sharedStores } from '../support/stores.ts'
import { runUsers } from '../support/terminal.ts'

for (const engine of ['sqlite', 'postgres'] as const)
  t.test(`dead letters are listed and sent again [${engine}]`, async (t) => {
    const env = await sharedStores(t, engine)
    const webhooks = (...args: string[]) => runUsers(args, { env, command: 'webhooks', counted: true })
    const app = createFastify({ logLevel: 'silent', trustProxy: [] })
    t.teardown(() => app.close())
    const { db, outbox } = await openEngines(app, readSettings(env))
    const { queue } = outbox
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
    for (const each of await queue.take('webhook', 9, 1))
      await queue.failed(each, 'answered 500\u001b', 1)

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
      stderr: 'webhooks: there is no dead letter with the id one\n',
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
