import t from 'tap'
import { explainToPerson, GaveUp, UsageError } from '../../src/cli/explain.ts'
import { addUser } from '../../src/cli/users.ts'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import { SettingsError } from '../../src/settings/settings.ts'
import { StartFailure } from '../../src/settings/start-failure.ts'
import { PASSWORD } from '../support/browser.ts'
import { startService } from '../support/service.ts'

t.test('a refused account: one line that says what is wrong', async (t) => {
  const { parts } = await startService(t, 'sqlite')
  await addUser(parts, { username: 'ann', password: PASSWORD, roles: [] }, Date.now())
  const wishes: [username: string, password: string, told: RegExp][] = [
    ['ANN', PASSWORD, /exists/],
    ['bob', 'too short', /at least 15/],
    ['bob', 'passwordpassword123', /easy to guess: it repeats itself/],
    ['bob', 'x'.repeat(257), /^password must NOT have more than 256/],
    ['bo b', PASSWORD, /^username must be/],
  ]
  for (const [username, password, told] of wishes) {
    const error = await addUser(parts, { username, password, roles: [] }, 0).catch((thrown) => thrown)
    t.match(explainToPerson(error), told)
    t.notMatch(explainToPerson(error), '\n')
  }
  t.equal((await parts.accounts.list({ after: '', limit: 9 })).length, 1)
})

t.test('a mistake in the command points to the help', async (t) => {
  t.match(explainToPerson(new UsageError('add takes one name')), /^add takes one name\n.*--help$/)
})

t.test('what cannot be helped in the code is told without it', async (t) => {
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
  const denied = Object.assign(new Error("EACCES: permission denied, open 'x'"), { code: 'EACCES' })
  t.equal(explainToPerson(new GaveUp('nothing was changed')), 'nothing was changed')
  t.equal(explainToPerson(new SettingsError('PORT: no')), 'PORT: no')
  t.equal(explainToPerson(new StartFailure('PORT: taken')), 'PORT: taken')
  t.equal(explainToPerson(denied), denied.message)
  t.equal(explainToPerson(storeUnavailable(full)), `the database does not answer: ${full.message}`)
  t.equal(explainToPerson(storeUnavailable(full, 'Redis')), `Redis does not answer: ${full.message}`)
  t.match(explainToPerson(storeUnavailable()), /^Sessions cannot be checked right now/)
})

t.test('a bug shows where it is', async (t) => {
  t.match(explainToPerson(new TypeError('x is not a function')), 'explain.test.ts')
  t.equal(explainToPerson('thrown as it is'), 'thrown as it is')
})
