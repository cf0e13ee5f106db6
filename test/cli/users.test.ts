import t from 'tap'
import { addUser, listUsers } from '../../src/cli/users.ts'
import { PASSWORD } from '../support/browser.ts'
import { changeUser } from '../support/people.ts'
import { startService } from '../support/service.ts'

t.test('the list has everybody once and by name, however many pages that takes', async (t) => {
  const { parts } = await startService(t, 'sqlite')
  for (const username of ['eve', 'bob', 'ann', 'dan', 'cat']) {
    await addUser(parts, { username, password: PASSWORD, roles: [] }, Date.now())
  }
  const names: string[] = []
  for await (const line of listUsers(parts.accounts, 2)) names.push(line.split('\t')[0] ?? '')
  t.same(names, ['ann', 'bob', 'cat', 'dan', 'eve'])
})

t.test('a line says what roles somebody has, and whether they are disabled', async (t) => {
  const service = await startService(t, 'sqlite')
  const { accounts } = service.parts
  t.equal(
    await addUser(service.parts, { username: 'ann', password: PASSWORD, roles: ['editor'] }, Date.now()),
    'ann has an account now, with role editor.',
  )
  const today = new Date().toISOString().slice(0, 10)
  t.same((await lines()).join(), `ann\teditor\t${today}\tnever\tenabled`)

  await service.browser().login('ann')
  await changeUser(service, 'ann', { roles: [], disabled: true })
  t.same((await lines()).join(), `ann\t-\t${today}\t${today}\tdisabled`)

  async function lines(): Promise<string[]> {
    const all: string[] = []
    for await (const line of listUsers(accounts)) all.push(line)
    return all
  }
})
