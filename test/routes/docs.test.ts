import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'puppeteer-core'
import t, { type Test } from 'tap'
import { CATALOGUE } from '../../src/errors.ts'
import { noChromium, startChromium } from '../support/chromium.ts'
import { startService } from '../support/service.ts'

t.test('/docs is a page that shows openapi.yaml and needs nothing from elsewhere', async (t) => {
  const browser = (await startService(t, 'sqlite')).browser()
  const page = await browser.get('/docs')
  t.equal(page.status, 200)
  t.match(page.headers.get('content-type'), /^text\/html/)
  const linked = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address)
  t.equal(linked.length, 5)
  for (const address of linked.filter((each) => each !== 'data:,')) {
    const file = await browser.get(new URL(address, 'http://any/docs').pathname)
    t.equal(file.status, 200, address)
    t.match(file.headers.get('content-type'), /^text\/(css|javascript|html)/)
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

t.test('every error code is on a page of its own, to be linked to', async (t) => {
  const page = await (await startService(t, 'sqlite')).browser().get('/docs/errors')
  t.equal(page.status, 200)
  for (const code of Object.keys(CATALOGUE)) t.match(page.body, `<tr id="${code}">`)
})

t.test('in Chromium', { skip: noChromium, timeout: 110_000 }, async (t) => {
  const service = await startService(t, 'sqlite')
  await service.browser().post('/register', { username: 'ann', password: 'correct horse battery' })
  const address = new URL(service.url)
  const behindPath = await startPathProxy(t, service.url, '/auth')
  const chromium = await startChromium(t)
  for (const base of [`http://localhost:${address.port}`, behindPath]) {
    await t.test(
      `what is tried out is sent with the cookie, at ${new URL(base).pathname}`,
      async (t) => {
        const context = await chromium.createBrowserContext()
        const page = await context.newPage()
        const foreign: string[] = []
        page.on('request', (request) => {
          if (!request.url().startsWith(base) && !request.url().startsWith('data:'))
            foreign.push(request.url())
        })
        await page.goto(`${base}/docs`)
        t.equal(await tryOut(page, 'Sessions', 'login'), '200')
        t.equal(await tryOut(page, 'My_account', 'me'), '200')
        t.strictSame(foreign, [], 'nothing is loaded from elsewhere')
        await context.close()
      },
    )
  }
})

/** Presses the buttons of one operation, with the body that the document has as an example; gives the status that the page shows. */
async function tryOut(page: Page, tag: string, operation: string): Promise<string> {
  const block = `#operations-${tag}-${operation}`
  for (const button of ['.opblock-summary-control', '.try-out__btn', '.execute']) {
    const found = await page.waitForSelector(`${block} ${button}`, { timeout: 30_000 })
    await found?.evaluate((element) => (element as unknown as { click(): void }).click())
  }
  const status = await page.waitForSelector(`${block} .live-responses-table tr.response td`)
  return String(await (await status?.getProperty('textContent'))?.jsonValue()).slice(0, 3)
}

/** A proxy that has the service under a path. */
async function startPathProxy(t: Test, upstream: string, path: string): Promise<string> {
  const server = createServer((request, response) => {
    const { method = 'GET', headers, url = '' } = request
    const inner = httpRequest(
      upstream + url.slice(path.length),
      { method, headers, agent: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
        answer.pipe(response)
      },
    )
    request.pipe(inner)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://localhost:${(server.address() as AddressInfo).port}${path}`
}
