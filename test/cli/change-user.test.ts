import t from 'tap'
import {
  deleteUser,
  makeResetLink,
  renameUser,
  setDisabled,
  setRoles,
  signOutUser,
} from '../../src/cli/change-user.ts'
import { makeUser, signIn, standing } from '../support/people.ts'
import { ENGINES, startService } from '../support/service.ts'

for (const engine of ENGINES) {
  t.test(`what is changed on the command line holds for running sessions [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const { parts } = service
    await makeUser(service, 'ann')
    t.equal(await signOutUser(parts, 'ann'), 'ann was not signed in.')
    const ann = await signIn(service, 'ann')
    t.equal(await setRoles(parts, { username: 'ANN', roles: ['editor'] }), 'ann has role editor now.')
    t.equal((await ann.browser.get('/verify?role=editor')).status, 204)
    t.equal(await setRoles(parts, { username: 'ann', roles: [] }), 'ann has no roles now.')
    t.equal((await ann.browser.get('/verify?role=editor')).status, 403)
    t.equal(await renameUser(parts, { username: 'ann', to: 'Anna' }), 'ann is called anna now.')
    t.match(await ann.browser.get('/me'), { body: { user: { username: 'anna' } } })
    const [token, told] = await makeResetLink(parts, 'anna')
    t.match(token, /^[\w-]{43}$/, 'without a page for it, the token itself')
    t.match(told, /once/)
    t.equal(await standing(ann), 'session_revoked')
    const due = await signIn(service, 'anna')
    t.match(await setDisabled(parts, 'anna', true), /disabled/)
    t.equal(await standing(due), 'user_disabled')
    t.match(await setDisabled(parts, 'anna', false), /again/)
    const again = await signIn(service, 'anna')
    t.match(await deleteUser(parts, 'anna'), /deleted/)
    t.equal(await standing(again), 'user_deleted')
  })
}

t.test('of external users the commands know nobody', async (t) => {
  const { parts, engines } = await startService(t, 'sqlite', { env: { ACCOUNTS: 'external' } })
  await engines.numbers.numbers.find({ id: 'ann', create: 'a handle' })
  const unknown = { name: 'GaveUp', message: 'there is no account ann' }
  await t.rejects(signOutUser(parts, 'ann'), unknown)
  await t.rejects(deleteUser(parts, 'ann'), unknown)
})

t.test('what cannot be is refused', async (t) => {
  const { parts } = await startService(t, 'sqlite')
  await t.rejects(deleteUser(parts, 'nobody'), { name: 'GaveUp', message: 'there is no account nobody' })
  await parts.signUp(
    { username: 'ann', password: 'a test needs no secrets', roles: [] },
    { type: 'registered', at: 1, sessionId: null, device: null, ip: null, by: null },
  )
  await t.rejects(renameUser(parts, { username: 'ann', to: 'no name' }), { code: 'invalid_request' })
  const gone = { ...parts, accounts: { ...parts.accounts, change: () => async () => null } }
  await t.rejects(setRoles(gone, { username: 'ann', roles: [] }), { name: 'GaveUp' })
})
