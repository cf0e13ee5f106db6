import t from 'tap'
import { serveStatic } from '../../src/http/static-files.ts'
import { Browser } from '../support/browser.ts'
import { startService } from '../support/service.ts'

const { url } = await startService(t, 'sqlite', {
  extend: async (app) => {
    serveStatic(
      app,
      '/file',
      { config: { access: 'public' } },
      { bytes: Buffer.from('what it says'), headers: { 'content-type': 'text/plain' } },
    )
  },
})
const browser = new Browser(url)

t.test('a file has a name for its content, and is not sent again to who has it', async (t) => {
  const { status, body, headers } = await browser.get('/file')
  t.match({ status, body }, { status: 200, body: 'what it says' })
  const etag = headers.get('etag') ?? ''
  t.match(etag, /^"[\w-]{22}"$/)
  for (const list of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
    const again = await browser.request('GET', '/file', undefined, { 'if-none-match': list })
    t.match(again, { status: 304, body: '' }, list)
    t.equal(again.headers.get('etag'), etag)
    t.equal(again.headers.get('x-content-type-options'), 'nosniff')
  }
  for (const list of ['"other"', etag.slice(1), ''])
    t.equal((await browser.request('GET', '/file', undefined, { 'if-none-match': list })).status, 200)
})

t.test('HEAD tells the same without the content', async (t) => {
  const { status, headers, body } = await browser.request('HEAD', '/file')
  t.match({ status, body }, { status: 200, body: '' })
  t.equal(headers.get('content-length'), '12')
})
