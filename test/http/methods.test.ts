import t from 'tap'
import { startService } from '../support/service.ts'

const service = await startService(t, 'sqlite')
const browser = service.browser()

t.test(
  'a method that a path does not take is 405 with those that it takes, whatever the body',
  async (t) => {
    const paths: Record<string, string> = {
      '/login': 'OPTIONS, POST',
      '/logout': 'OPTIONS, POST',
      '/register': 'OPTIONS, POST',
      '/me': 'DELETE, GET, HEAD, OPTIONS, PATCH',
      '/me/sessions/x': 'DELETE, OPTIONS',
      '/health/live': 'GET, HEAD, OPTIONS',
      '/openapi.yaml': 'GET, HEAD, OPTIONS',
    }
    for (const [path, allow] of Object.entries(paths)) {
      const { status, body, headers } = await browser.request('PUT', path, '{ not json')
      t.strictSame([status, body.code, headers.get('allow')], [405, 'method_not_allowed', allow], path)
      const options = await browser.request('OPTIONS', path)
      t.strictSame([options.status, options.body, options.headers.get('allow')], [204, '', allow], path)
    }
  },
)

t.test('a HEAD is a GET without its body', async (t) => {
  const { status, headers, body } = await browser.request('HEAD', '/health/live')
  t.strictSame([status, headers.get('content-length'), body], [200, '15', ''])
  t.equal((await browser.request('HEAD', '/me')).status, 401)
})

t.test('a path that is not there takes no method at all', async (t) => {
  for (const method of ['GET', 'POST', 'OPTIONS'])
    t.equal((await browser.request(method, '/nowhere')).status, 404)
})
