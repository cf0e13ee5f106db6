import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, Page } from 'puppeteer-core'
import t, { type Test } from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { noChromium, startChromium, startTlsProxy } from '../support/chromium.ts'
import { join, makeUser, standing } from '../support/people.ts'
import { startService } from '../support/service.ts'

// Pages and API under names of their own, in a real browser, which decides what cookies it keeps and sends.

t.test('cookie reach', { skip: noChromium, timeout: 110_000 }, async (t) => {
  const chromium = await startChromium(t)

  t.test('a page of app.example.test works with the API on api.example.test', async (t) => {
    const { pages, cookies } = await servePages(t)
    const env = { COOKIE_SECURE: 'true', COOKIE_DOMAIN: 'example.test' }
    const api = await serveApi(t, pages, 'app.example.test', env)
    const { context, page } = await openPage(chromium, at(pages, 'app.example.test'))
    t.match(await login(page, at(api.https, 'api.example.test')), { status: 200 })
    t.match(await call(page, 'GET', at(api.https, 'api.example.test', '/me')), {
      status: 200,
      body: { user: { username: 'ann' } },
    })
    const kept = (await context.cookies()).find(({ name }) => name === '__Secure-oneseat')
    t.match(kept, { domain: '.example.test', sameSite: 'Lax', secure: true, httpOnly: true })
    await page.reload()
    t.match(
      cookies.at(-1),
      '__Secure-oneseat=',
      'the server of the page gets it too, and can ask /verify',
    )
    t.match(await call(page, 'POST', at(api.https, 'api.example.test', '/logout')), { status: 204 })
    t.notOk((await context.cookies()).some(({ name }) => name === '__Secure-oneseat'))
    await context.close()
  })

  t.test('a link from another site opens a guarded page, unless the operator says strict', async (t) => {
    for (const [COOKIE_SAMESITE, status] of [
      ['lax', 200],
      ['strict', 401],
    ] as const) {
      const { pages } = await servePages(t)
      const api = await serveApi(t, pages, 'app.example.test', { COOKIE_SAMESITE })
      const { context, page } = await openPage(chromium, at(pages, 'app.example.test'))
      t.match(await login(page, at(api.https, 'api.example.test')), { status: 200 })
      await page.goto(at(pages, 'mail.other.test'))
      const target = at(api.https, 'api.example.test', '/me')
      const [answer] = await Promise.all([
        page.waitForNavigation(),
        page.evaluate(
          `document.body.innerHTML = '<a href="${target}">mail</a>'; document.querySelector('a').click()`,
        ),
      ])
      t.equal(answer?.status(), status, COOKIE_SAMESITE)
      await context.close()
    }
  })

  t.test('the page of another site cannot sign in, and leaves the other device signed in', async (t) => {
    const { pages } = await servePages(t)
    const api = await serveApi(t, pages, 'app.other.test', {})
    const device = await join(api.service, 'bob')
    const { context, page } = await openPage(chromium, at(pages, 'app.other.test'))
    const body = { username: 'bob', password: PASSWORD }
    const answer = await call(page, 'POST', at(api.https, 'api.example.test', '/login'), body)
    t.match(answer, { status: 403, body: { code: 'cross_site_cookie', detail: /app\.other\.test/ } })
    t.equal(await standing(device), '200')
    t.strictSame(await context.cookies(), [])
    await page.goto(at(pages, 'app.unknown.test'))
    t.equal(await call(page, 'POST', at(api.https, 'api.example.test', '/login'), body), null, 'CORS')
    t.equal(await standing(device), '200')
    await context.close()
  })

  t.test('over plain HTTP, where browsers tell less, it is the same', async (t) => {
    const { plain } = await servePages(t)
    const allowed = ['app.example.test', 'app.other.test'].map((host) => new URL(at(plain, host)).origin)
    const service = await startService(t, 'sqlite', { env: { ALLOWED_ORIGINS: allowed.join() } })
    await makeUser(service, 'ann')
    const api = at(service.url, 'api.example.test')
    const { context, page } = await openPage(chromium, at(plain, 'app.example.test'))
    t.match(await login(page, api), { status: 200 })
    t.match(await call(page, 'GET', `${api}/me`), { status: 200 })
    const foreign = await openPage(chromium, at(plain, 'app.other.test'))
    t.match(await login(foreign.page, api), { status: 403, body: { code: 'cross_site_cookie' } })
    t.match(await call(page, 'GET', `${api}/me`), { status: 200 }, 'nobody was signed out')
    await context.close()
    await foreign.context.close()
  })

  t.test('localhost is one site whatever the port, and 127.0.0.1 is another', async (t) => {
    const { plain } = await servePages(t)
    const here = at(plain, 'localhost')
    const env = { ALLOWED_ORIGINS: new URL(here).origin }
    const service = await startService(t, 'sqlite', { env })
    await makeUser(service, 'ann')
    const { context, page } = await openPage(chromium, here)
    const api = at(service.url, 'localhost')
    t.match(await login(page, api), { status: 200 })
    t.match(await call(page, 'GET', `${api}/me`), { status: 200 })
    t.match(await login(page, service.url), { status: 403, body: { code: 'cross_site_cookie' } })
    t.match(await call(page, 'GET', `${api}/me`), { status: 200 })
    await context.close()
  })
})

/** An empty page at every name, over HTTPS and not; and the cookies that it was asked with. */
async function servePages(t: Test) {
  const cookies: string[] = []
  const server = createServer((request, response) => {
    cookies.push(request.headers.cookie ?? '')
    response
      .setHeader('content-type', 'text/html')
      .end('<!doctype html><title>page</title><body></body>')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  const plain = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { cookies, plain, pages: await startTlsProxy(t, plain) }
}

/** The API over HTTPS, for pages of one host; ann has an account. */
async function serveApi(t: Test, pages: string, host: string, more: Record<string, string>) {
  const env = { TRUST_PROXY: '127.0.0.1', ALLOWED_ORIGINS: new URL(at(pages, host)).origin, ...more }
  const service = await startService(t, 'sqlite', { env })
  await makeUser(service, 'ann')
  return { service, https: await startTlsProxy(t, service.url) }
}

async function openPage(
  chromium: Browser,
  url: string,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await chromium.createBrowserContext()
  const page = await context.newPage()
  await page.goto(url)
  return { context, page }
}

/** The same server under another name. */
function at(url: string, host: string, path = ''): string {
  const { protocol, port } = new URL(url)
  return `${protocol}//${host}:${port}${path}`
}

function login(page: Page, api: string) {
  return call(page, 'POST', `${api}/login`, { username: 'ann', password: PASSWORD })
}

/** What `fetch` in the page gets; null if the browser keeps it from the page. */
function call(page: Page, method: string, url: string, body?: object) {
  return page.evaluate(
    async (method, url, body) => {
      const init =
        body === undefined
          ? { method }
          : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      try {
        const response = await fetch(url, { ...init, credentials: 'include' })
        const text = await response.text()
        return { status: response.status, body: text === '' ? null : JSON.parse(text) }
      } catch {
        return null
      }
    },
    method,
    url,
    body,
  )
}
