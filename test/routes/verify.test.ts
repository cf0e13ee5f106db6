import t from 'tap'
import { join } from '../support/people.ts'
import { BOTH_ENDS, startService } from '../support/service.ts'

for (const engine of BOTH_ENDS) {
  t.test(engine, async (t) => {
    const service = await startService(t, engine)

    t.test('another backend learns who it is from the headers', async (t) => {
      const { browser, user, session } = await join(service, 'ann', ['admin', 'editor'])
      const { status, headers, body } = await browser.get('/verify')
      t.equal(status, 204)
      t.equal(body, '')
      t.equal(headers.get('x-user-id'), user.id)
      t.equal(headers.get('x-user-name'), 'ann')
      t.equal(headers.get('x-user-roles'), 'admin,editor')
      t.equal(headers.get('x-session-id'), session.id)
      t.equal(headers.get('x-session-epoch'), '1')
      t.equal(headers.get('cache-control'), 'no-store')
    })

    t.test('any of the roles asked for will do, and without one of them it is a 403', async (t) => {
      const { browser } = await join(service, 'bob', ['editor'])
      t.equal((await browser.get('/verify?role=editor')).status, 204)
      t.equal((await browser.get('/verify?role=admin&role=editor')).status, 204)
      const refused = await browser.get('/verify?role=admin&role=owner')
      t.match(refused, { status: 403, body: { code: 'forbidden' } })
      t.equal(refused.headers.get('x-user-id'), null)
    })

    t.test('what a proxy passes on of the request that it asks about does not matter', async (t) => {
      const { browser } = await join(service, 'fay')
      const passedOn = [
        { 'content-encoding': 'gzip', 'content-type': 'text/plain' },
        { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
        {
          origin: 'https://elsewhere.example',
          'sec-fetch-site': 'cross-site',
          'sec-fetch-mode': 'cors',
        },
      ]
      for (const headers of passedOn)
        t.equal((await browser.request('GET', '/verify', undefined, headers)).status, 204)
      const embedded = await browser.request('GET', '/me', undefined, passedOn[1])
      t.match(embedded, { status: 403, body: { code: 'cross_origin' } }, 'anywhere else it does')
    })

    t.test('a question it does not understand is refused, not answered with yes', async (t) => {
      const { browser } = await join(service, 'cid', ['editor'])
      for (const query of ['role=', 'role=Editor', 'role=editor,admin']) {
        t.match(await browser.get(`/verify?${query}`), {
          status: 400,
          body: { code: 'invalid_request' },
        })
      }
    })

    t.test('what a page asks for besides is not for us', async (t) => {
      const { browser } = await join(service, 'eve', ['editor'])
      t.equal((await browser.get('/verify?page=2&q=%00&role=editor&sort=')).status, 204)
    })

    t.test('as JSON it says the same, and may be kept no more', async (t) => {
      const { browser, user, session } = await join(service, 'gil', ['editor'])
      const ask = (accept: string, path = '/verify') =>
        browser.request('GET', path, undefined, { accept })
      for (const accept of [
        'application/json',
        'text/html, application/json;q=0.9',
        'Application/JSON',
      ]) {
        const { status, headers, body } = await ask(accept)
        t.match({ status, body }, { status: 200, body: { user, session: { id: session.id } } })
        t.equal(headers.get('cache-control'), 'no-store')
        t.equal(headers.get('x-user-id'), user.id)
      }
      for (const accept of ['*/*', 'text/html', 'application/jsonp'])
        t.equal((await ask(accept)).status, 204, accept)
      t.equal((await ask('application/json', '/verify?role=admin')).status, 403)
    })

    t.test('a proxy may ask with the method and the path of the request it has got', async (t) => {
      const { browser, user } = await join(service, 'hal')
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const headers = {
          origin: 'https://elsewhere.example',
          'content-length': '0',
          'content-type': 'text/plain',
        }
        const answer = await browser.request(method, '/verify/orders/5?role=admin', undefined, headers)
        t.equal(answer.status, 200, method)
        t.equal(answer.headers.get('x-user-id'), user.id, method)
      }
      const long = await browser.get(`/verify/${'x'.repeat(3_000)}?code=${'x'.repeat(3_000)}`)
      t.equal(long.status, 200, 'its length is for the program to judge')
      t.equal((await service.browser().post('/verify/orders')).status, 401)
      t.equal((await browser.request('OPTIONS', '/verify')).status, 200)
      t.equal(
        (await service.browser().request('OPTIONS', '/verify')).status,
        401,
        'never a yes to nobody',
      )
    })

    t.test('without a session it says why', async (t) => {
      t.match(await service.browser().get('/verify'), { status: 401, body: { code: 'unauthenticated' } })
      const { browser } = await join(service, 'dan')
      await service.browser().login('dan', { device: 'phone' })
      t.match(await browser.get('/verify?role=admin'), {
        status: 401,
        body: { code: 'session_replaced', replacedBy: { device: { name: 'phone' } } },
      })
    })

    t.test('a name that is not ASCII travels percent-encoded', async (t) => {
      const { browser } = await join(service, 'zoë%,')
      const { headers } = await browser.get('/verify')
      t.equal(headers.get('x-user-name'), 'zo%C3%AB%25%2C')
      t.equal(decodeURIComponent(headers.get('x-user-name') ?? ''), 'zoë%,')
    })
  })
}
