import t from 'tap'
import { Browser } from '../support/browser.ts'
import { startExample } from './start-example.ts'

const SESSION_SECRET = 'a secret of the tests that is long enough'
const ANN = { name: 'ann', password: 'correct horse battery' }

t.test('an app with users of its own keeps each on one device', async (t) => {
  const url = await startExample(t, 'own-app/app.js', { SESSION_SECRET })
  const [laptop, phone] = [new Browser(url), new Browser(url)]
  t.match(await laptop.post('/register', ANN), { status: 201, body: { name: 'ann' } })
  t.match(await laptop.get('/orders'), { status: 401, body: { code: 'unauthenticated' } })
  t.match(await laptop.post('/login', { ...ANN, password: 'wrong' }), { status: 401, setCookies: [] })

  t.match(await laptop.post('/login', { ...ANN, device: 'laptop' }), {
    status: 200,
    body: { replaced: [] },
  })
  t.match(await laptop.get('/orders'), { status: 200, body: { orders: [{ what: 'a chair' }] } })
  t.match(await laptop.get('/reports'), { status: 403, body: { code: 'forbidden' } })

  t.match(await phone.post('/login', { ...ANN, device: 'phone' }), {
    status: 200,
    body: { replaced: [{ device: { name: 'laptop' } }] },
  })
  t.match(await laptop.get('/orders'), {
    status: 401,
    body: { code: 'session_replaced', replacedBy: { device: { name: 'phone' } } },
  })
  t.match(await phone.get('/account/me/sessions'), {
    body: { sessions: [{ device: { name: 'phone' }, current: true }] },
  })
  t.match(await phone.post('/logout'), { status: 204 })
  t.match(await phone.get('/orders'), { status: 401 })
})

t.test('without a secret it does not start, and says what is missing', async (t) => {
  await t.rejects(startExample(t, 'own-app/app.js', {}), {
    message: /secrets: number 1 of the list is undefined/,
  })
})
