import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'puppeteer-core'
import t from 'tap'
import { createServer } from 'vite'
import { startDemo } from '../../examples/demo/start-demo.ts'
import { Browser, PASSWORD as TEST_PASSWORD } from '../support/browser.ts'
import { withoutTap } from '../support/children.ts'
import { noChromium, startChromium } from '../support/chromium.ts'
import { startCountingProxy } from '../support/counting-proxy.ts'
import { press, shows } from '../support/page.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const ROOT = join(import.meta.dirname, '../..')
const PASSWORD = 'correct horse battery'

t.test('its types are right', async (t) => {
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  t.doesNotThrow(() =>
    execFileSync(...withoutTap(tsc, ['-p', join(ROOT, 'examples/spa')]), { stdio: 'pipe' }),
  )
})

t.test('eight tabs over HTTP/1.1', { skip: noChromium, timeout: 110_000 }, async (t) => {
  const demo = await startDemo({ port: '0' })
  t.teardown(() => demo.app.close())
  const upstream = `http://127.0.0.1:${new URL(demo.url).port}`
  const proxy = await startCountingProxy(t, upstream)
  const chromium = await startChromium(t)
  const address = `http://left.demo.localhost:${proxy.port}/#username=ann&password=${PASSWORD}&device=laptop`
  let context: BrowserContext = await chromium.createBrowserContext()
  let logins = 0

  async function openTabs(count: number): Promise<Page[]> {
    const tabs: Page[] = []
    for (let i = 0; i < count; i++) {
      const tab = await context.newPage()
      tab.on('response', (response) => {
        if (response.url().endsWith('/login') && response.status() === 200) logins++
      })
      await tab.emulateFocusedPage(true) // all are looked at, as windows side by side: a hidden tab asks for no stream
      await tab.goto(address)
      tabs.push(tab)
    }
    return tabs
  }
  const all = (tabs: Page[], text: string) => Promise.all(tabs.map((tab) => shows(tab, text)))

  const tabs = await openTabs(8)
  const [first, second] = tabs as [Page, Page]

  await t.test('all work, and one stream is open', async (t) => {
    await press(first, 'Sign in')
    await all(tabs, 'Signed in here')
    await until(() => proxy.streams() === 1)
    for (const tab of tabs) await press(tab, 'Timeline')
    await all(tabs, 'Account made')
    t.equal(proxy.streams(), 1)
  })

  await t.test('the stream comes back after a 502', async (t) => {
    proxy.breakStreams()
    const before = proxy.opened()
    await until(() => proxy.opened() > before + 1, 20_000)
    t.equal(proxy.streams(), 0)
    proxy.mend()
    await until(() => proxy.streams() === 1, 20_000)
    await all(tabs, 'Signed in here')
  })

  await t.test('another tab takes over when the one with the stream is closed', async (t) => {
    const before = proxy.opened()
    await first.close()
    tabs.shift()
    await until(() => proxy.opened() === before + 1 && proxy.streams() === 1)
    t.equal(tabs.length, 7)
  })

  await t.test('own logout is told as such to the other tabs', async (t) => {
    await press(second, 'Sign out')
    await shows(second, 'Username')
    await all(tabs.slice(1), 'You signed out.')
    for (const tab of tabs) t.notMatch(await tab.content(), /signed in on|were signed out/)
    t.notMatch(await second.content(), /You signed out/, 'who left knows')
    await until(() => proxy.streams() === 0)
  })

  await t.test('tabs that sign in at once are all signed in', async (t) => {
    const before = logins
    await Promise.all(tabs.slice(0, 4).map((tab) => press(tab, 'Sign in')))
    await until(() => logins === before + 4) // one after the other
    await all(tabs, 'Signed in here')
    await until(() => proxy.streams() === 1)
    for (const tab of tabs) t.notMatch(await tab.content(), /signed out here/)
  })

  await t.test('another device is told of in every tab, by name', async (t) => {
    await until(() => proxy.streams() === 1)
    const phone = new Browser(upstream)
    t.equal((await phone.login('ann', { password: PASSWORD, device: 'phone' })).status, 200)
    await all(tabs, 'signed in on phone')
  })
  await context.close()

  await t.test('a page that is opened later is told as well', async (t) => {
    context = await chromium.createBrowserContext()
    const [page] = (await openTabs(1)) as [Page]
    await press(page, 'Sign in')
    await shows(page, 'Signed in here')
    await page.goto('about:blank')
    await new Browser(upstream).login('ann', { password: PASSWORD, device: 'tablet' })
    await page.goto(address)
    await shows(page, 'signed in on tablet')
    await press(page, 'That was not me')
    await shows(page, 'That device has been signed out')
    t.pass()
    await context.close()
  })
})

t.test(
  'its dev server passes the API on, so that nothing has to be set',
  { skip: noChromium, timeout: 110_000 },
  async (t) => {
    const service = await startService(t, 'sqlite')
    await service.register('ann')
    process.env['ONESEAT_URL'] = service.url
    const cacheDir = mkdtempSync(join(tmpdir(), 'oneseat-vite-'))
    const vite = await createServer({
      configFile: join(ROOT, 'examples/spa/vite.config.ts'),
      cacheDir,
      logLevel: 'error',
      server: { port: 0 },
    })
    t.teardown(async () => {
      await vite.close()
      rmSync(cacheDir, { recursive: true, force: true })
    })
    await vite.listen()
    const [url = ''] = vite.resolvedUrls?.local ?? []
    t.match(url, /^http:\/\/localhost:\d+\/$/)
    const page = await (await startChromium(t)).newPage()
    await page.goto(`${url}#username=ann&password=${encodeURIComponent(TEST_PASSWORD)}`)
    await press(page, 'Sign in')
    await shows(page, 'Signed in here')
    await service.browser().login('ann', { device: 'phone' })
    await shows(page, 'signed in on phone')
  },
)
