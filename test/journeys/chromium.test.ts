import type { BrowserContext, Page } from 'puppeteer-core'
import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { noChromium, startChromium, startTlsProxy } from '../support/chromium.ts'
import { startService } from '../support/service.ts'

/** The service with one page of its own, from which scripts may call it. */
function withPage(env: Record<string, string>) {
  return startService(t, 'sqlite', {
    env,
    extend: async (app) => {
      app.get('/page', { config: { access: 'public' } }, async (_request, reply) =>
        reply
          .header('content-security-policy', "default-src 'self'")
          .type('text/html')
          .send('<!doctype html><title>page</title>'),
      )
    },
  })
}

/** What `fetch` in the page gets. */
function call(page: Page, method: string, path: string, body?: object) {
  return page.evaluate(
    async (method, path, body) => {
      const init =
        body === undefined
          ? { method }
          : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      const response = await fetch(path, init)
      const text = await response.text()
      return { status: response.status, body: text === '' ? null : JSON.parse(text) }
    },
    method,
    path,
    body,
  )
}

const cookieNames = async (context: BrowserContext) =>
  (await context.cookies()).map(({ name }) => name).sort()

t.test('Chromium', { skip: noChromium, timeout: 60_000 }, async (t) => {
  const chromium = await startChromium(t)
  const plain = await withPage({})
  const secure = await withPage({ COOKIE_SECURE: 'true', TRUST_PROXY: '127.0.0.1' })
  const sites = [
    { url: plain.url.replace('127.0.0.1', 'localhost'), cookie: 'oneseat', isSecure: false },
    { url: await startTlsProxy(t, secure.url), cookie: '__Host-oneseat', isSecure: true },
  ]
  for (const { url, cookie, isSecure } of sites) {
    await t.test(
      `A 3.3.1, 7.4.1: signs in, is kicked, signs out and forgets the cookie, at ${new URL(url).protocol}`,
      async (t) => {
        const laptop = await chromium.createBrowserContext()
        const phone = await chromium.createBrowserContext()
        const onLaptop = await laptop.newPage()
        const onPhone = await phone.newPage()
        await onLaptop.goto(`${url}/page`)
        await onPhone.goto(`${url}/page`)
        const credentials = { username: 'ann', password: PASSWORD }

        t.equal((await call(onLaptop, 'POST', '/register', credentials)).status, 201)
        t.equal(
          (await call(onLaptop, 'POST', '/login', { ...credentials, device: 'laptop' })).status,
          200,
        )
        t.equal((await call(onLaptop, 'GET', '/me')).status, 200)
        t.equal(await onLaptop.evaluate('document.cookie'), '', 'no script sees it')
        t.strictSame(await cookieNames(laptop), [cookie, `${cookie}-device`].sort())
        for (const kept of await laptop.cookies())
          t.match(kept, {
            httpOnly: true,
            secure: isSecure,
            sameSite: 'Lax',
            path: '/',
            domain: 'localhost',
          })

        t.equal((await call(onPhone, 'POST', '/login', { ...credentials, device: 'phone' })).status, 200)
        t.match(await call(onLaptop, 'GET', '/me'), {
          status: 401,
          body: { code: 'session_replaced', replacedBy: { device: { name: 'phone' } } },
        })

        t.equal((await call(onPhone, 'POST', '/logout')).status, 204)
        t.strictSame(await cookieNames(phone), [`${cookie}-device`], 'the browser obeyed')
        t.match(await call(onPhone, 'GET', '/me'), { status: 401, body: { code: 'unauthenticated' } })
        await laptop.close()
        await phone.close()
      },
    )
  }

  await t.test(
    'A 3.5.1: a page of another site can neither sign out nor sign in a visitor',
    async (t) => {
      const url = sites[0]?.url ?? ''
      const context = await chromium.createBrowserContext()
      const own = await context.newPage()
      await own.goto(`${url}/page`)
      await call(own, 'POST', '/login', { username: 'ann', password: PASSWORD })
      const before = await context.cookies()

      const foreign = await context.newPage()
      await foreign.goto(secure.url.concat('/page')) // another port of 127.0.0.1, and so another site than localhost
      const posts = await foreign.evaluate(async (target) => {
        const attempt = (init: RequestInit) =>
          fetch(target, { method: 'POST', credentials: 'include', ...init }).then(
            (response) => response.type,
            () => 'blocked',
          )
        return [
          await attempt({ mode: 'no-cors' }),
          await attempt({ mode: 'no-cors', body: 'x', headers: { 'content-type': 'text/plain' } }),
          await attempt({ mode: 'cors', body: '{}', headers: { 'content-type': 'application/json' } }),
        ]
      }, `${url}/logout`)
      t.strictSame(posts.length, 3)
      for (const action of ['/logout', '/login']) {
        await Promise.all([
          foreign.waitForNavigation(),
          foreign.evaluate(`
          const form = document.createElement('form')
          Object.assign(form, { method: 'POST', action: '${url}${action}', enctype: 'text/plain' })
          document.body.append(form)
          form.submit()
        `),
        ])
        t.match(await foreign.content(), 'cross_origin')
        await foreign.goto(secure.url.concat('/page'))
      }
      t.equal((await call(own, 'GET', '/me')).status, 200)
      t.strictSame(await context.cookies(), before)
      await context.close()
    },
  )
})
