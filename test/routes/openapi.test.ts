import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { startService } from '../support/service.ts'

t.test('the document is served as it is in the repository', async (t) => {
  const service = await startService(t, 'sqlite')
  const { status, body, headers } = await service.browser().get('/openapi.yaml')
  t.equal(status, 200)
  t.match(headers.get('content-type'), /^application\/yaml/)
  t.equal(body, readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'))
})

t.test(
  'under the path prefix of a proxy it names the address at which clients reach the API',
  async (t) => {
    const PUBLIC_URL = 'https://example.com/auth/'
    const service = await startService(t, 'sqlite', { env: { PUBLIC_URL } })
    const { body } = await service.browser().get('/openapi.yaml')
    t.match(parse(body), { openapi: '3.1.0', servers: [{ url: 'https://example.com/auth' }] })
  },
)
