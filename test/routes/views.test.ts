import t from 'tap'
import { dataOf, viewSessionUser, viewUser } from '../../src/routes/views.ts'

const SHOWN = {
  id: 'u',
  username: 'ann',
  roles: ['editor'],
  createdAt: '1970-01-01T00:00:00.000Z',
}

t.test('a user is shown without flags and numbers', async (t) => {
  const account = {
    ...{ id: 'u', handle: 'h', username: 'ann', roles: ['editor'], createdAt: 0 },
    ...{ disabled: false, credentialNumber: 9, lastLoginAt: 1 },
  }
  t.strictSame(viewUser(account), SHOWN)
})

t.test('the user of a session is shown alike, by what the service keeps of them with it', async (t) => {
  const data = { username: 'ann', createdAt: 0, more: 'of another version' }
  const user = { id: 'u', roles: ['editor'], disabled: false, data }
  t.strictSame(viewSessionUser(user), SHOWN)
  t.match(dataOf(user), { username: 'ann', createdAt: 0 })
})
