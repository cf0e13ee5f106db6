import t from 'tap'
import { startService } from '../support/service.ts'

t.test('/docs is a page that shows openapi.yaml and needs nothing from elsewhere', async (t) => {
  const browser = (await startService(t, 'sqlite')).browser()
  const page = await browser.get('/docs')
  t.equal(page.status, 200)
  t.match(page.headers.get('content-type'), /^text\/html/)
  const linked = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address)
  t.equal(linked.length, 4)
  for (const address of linked.filter((each) => each !== 'data:,')) {
    const file = await browser.get(new URL(address, 'http://any/docs').pathname)
    t.equal(file.status, 200, address)
    t.match(
      file.headers.get('content-type'),
      address.endsWith('.css') ? /^text\/css/ : /^text\/javascript/,
    )
  }
  const start = await browser.get('/docs/start.js')
  const [, document] = /url: '([^']+)'/.exec(start.body) ?? []
  t.equal((await browser.get(new URL(document ?? '', 'http://any/docs').pathname)).status, 200)
})

t.test('the page may not load or send anything to other sites', async (t) => {
  const page = await (await startService(t, 'sqlite')).browser().get('/docs')
  const policy = page.headers.get('content-security-policy') ?? ''
  t.match(policy, /default-src 'none'/)
  t.notMatch(policy, /https?:|\*/)
})
