import { readFileSync } from 'node:fs'
import t from 'tap'
import { startService } from '../support/service.ts'

t.test('the document is served as it is in the repository', async (t) => {
  const service = await startService(t, 'sqlite')
  const { status, body, headers } = await service.browser().get('/openapi.yaml')
  t.equal(status, 200)
  t.match(headers.get('content-type'), /^application\/yaml/)
  t.equal(body, readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'))
})
