import t from 'tap'
import { resetPassword } from '../../src/cli/reset-password.ts'
import { PASSWORD } from '../support/browser.ts'
import { join, makeUser, signIn, standing } from '../support/people.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

const ANOTHER = 'another test, no secrets'

for (const engine of BOTH_ENDS) {
  t.test(`another password is the only one, and nobody stays signed in [${engine}]`, async (t) => {
    const { parts, ...service } = await startService(t, engine)
    const lost = await join({ parts, ...service }, 'ann')
    const told = await resetPassword(parts, { username: 'ANN', password: ANOTHER })
    t.equal(told, 'ann has another password now, and is signed out everywhere.')
    t.equal(await standing(lost), 'password_changed')
    t.equal((await lost.browser.login('ann', { password: PASSWORD })).status, 401)
    t.equal((await lost.browser.login('ann', { password: ANOTHER })).status, 200)
    const { events } = (await lost.browser.get('/me/timeline')).body
    t.match(
      events.find(({ type }: { type: string }) => type === 'password_changed'),
      { sessionId: null, by: { user: 'command line' } },
    )
  })
}

t.test('what cannot be is refused, and changes nothing', async (t) => {
  const service = await startService(t, 'sqlite')
  const { parts } = service
  await makeUser(service, 'ann')
  const ann = await signIn(service, 'ann')
  const reset = (username: string, password: string) => resetPassword(parts, { username, password })
  await t.rejects(reset('bob', ANOTHER), { name: 'GaveUp', message: 'there is no account bob' })
  await t.rejects(reset('b b', ANOTHER), { code: 'invalid_request' })
  await t.rejects(reset('ann', 'short'), { code: 'password_too_short' })
  const { accounts } = parts
  const late = { ...parts, accounts: { ...accounts, change: () => async () => null } }
  await t.rejects(resetPassword(late, { username: 'ann', password: ANOTHER }), { name: 'GaveUp' })
  t.equal(await standing(ann), '200')
})
