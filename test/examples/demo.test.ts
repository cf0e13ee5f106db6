import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Frame, Page } from 'puppeteer-core'
import t, { type Test } from 'tap'
import { startDemo } from '../../examples/demo/start-demo.ts'
import { endWithUs, withoutTap } from '../support/children.ts'
import { noChromium, startChromium } from '../support/chromium.ts'
import { press, shows } from '../support/page.ts'
import { until } from '../support/until.ts'

const ROOT = join(import.meta.dirname, '../..')
/** `SCREENSHOTS=1` makes those of the README anew. */
const KEEP = process.env['SCREENSHOTS'] === '1'
const SHOTS = ['demo-signed-in', 'demo-replaced', 'demo-disputed'] as const

const PASSWORD = 'correct horse battery'

/** What a page does to change the password, as text. */
function changePassword(body: object): string {
  const headers = "{ 'content-type': 'application/json' }"
  const text = JSON.stringify(JSON.stringify(body))
  return `fetch('/me/password', { method: 'PUT', headers: ${headers}, body: ${text} }).then(({ status }) => status)`
}

async function phones(page: Page): Promise<[left: Frame, right: Frame]> {
  const [left, right] = await Promise.all(
    ['left', 'right'].map((host) =>
      page.waitForFrame((frame) => frame.url().startsWith(`http://${host}.`), { timeout: 20_000 }),
    ),
  )
  if (left === undefined || right === undefined) throw new Error('there are two')
  return [left, right]
}

/** What axe has to say of the page and both phones: light on a desktop, dark on a phone. */
async function expectAccessible(t: Test, page: Page, when: string): Promise<void> {
  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 390],
  ] as const) {
    await page.setViewport({ width, height: 800 })
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    for (const frame of page.frames()) {
      await frame.evaluate(axe.source)
      const found = (await frame.evaluate(
        `axe.run(document, { iframes: false }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html)))`,
      )) as string[]
      t.strictSame(found, [], `${when}, ${scheme}, ${width} pixels: ${new URL(frame.url()).host}`)
    }
    const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    t.ok(Number(wide) <= 0, 'nothing is wider than the screen')
  }
  await page.setViewport({ width: 1280, height: 800 })
}

t.test(
  'the demo, from the first sign-in to “that was not me”',
  { skip: noChromium, timeout: 110_000 },
  async (t) => {
    const demo = await startDemo({ port: '0' })
    t.teardown(() => demo.app.close())
    const page = await (await startChromium(t)).newPage()
    const foreign: string[] = []
    page.on('request', (request) => {
      const { hostname } = new URL(request.url())
      if (!/^((left|right)\.)?demo\.localhost$/.test(hostname) && !request.url().startsWith('data:'))
        foreign.push(request.url())
    })
    const errors: unknown[] = []
    page.on('pageerror', (error) => errors.push(error))

    async function shoot(name: (typeof SHOTS)[number], scheme: 'light' | 'dark'): Promise<void> {
      await page.setViewport({ width: 1280, height: 800 })
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
      await page.evaluate('document.fonts.ready.then(() => {})')
      const picture = await page.screenshot(KEEP ? { path: join(ROOT, `docs/${name}.png`) } : {})
      t.ok(picture.length > 20_000)
    }

    await page.setViewport({ width: 1280, height: 800 })
    await page.goto(demo.url)
    const [left, right] = await phones(page)
    await shows(left, 'on the blue phone')
    await expectAccessible(t, page, 'before')

    await t.test('signs in on the left, with the keyboard alone', async (t) => {
      await left.focus('input')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      t.equal(await left.evaluate('document.activeElement.textContent'), 'Sign in')
      await page.keyboard.press('Enter')
      await shows(left, 'Signed in here')
      await shows(left, 'This device')
      await shoot('demo-signed-in', 'light')
      await expectAccessible(t, page, 'signed in')
    })

    await t.test('signs in on the right, and the left is told by whom', async (t) => {
      await press(right, 'Sign in')
      await shows(right, 'Signed in here')
      const notice = await shows(left, 'signed in on Orange phone')
      t.match(String(await (await notice?.getProperty('textContent'))?.jsonValue()), /at \d+:\d\d/)
      await shoot('demo-replaced', 'light')
      await expectAccessible(t, page, 'replaced')
    })

    await t.test(
      '“that was not me” ends the right, and the left has to choose another password',
      async (t) => {
        await press(left, 'That was not me')
        await shows(left, 'That device has been signed out')
        await shows(right, 'The device that this sign-in replaced reported')
        await expectAccessible(t, page, 'disputed')
        await press(left, 'Sign in')
        await shows(left, 'Somebody may know your password')
        await shoot('demo-disputed', 'dark')
        await expectAccessible(t, page, 'another password')
      },
    )

    await t.test(
      'it does, and then the one that the phones are filled in with; the timeline has it all',
      async (t) => {
        for (const [currentPassword, newPassword] of [
          [PASSWORD, 'another horse, another battery'],
          ['another horse, another battery', PASSWORD],
        ])
          t.equal(await left.evaluate(changePassword({ currentPassword, newPassword })), 204)
        await left.evaluate('location.reload()')
        await shows(left, 'Signed in here')
        await press(left, 'Timeline')
        await shows(left, '“That was not me”')
        await shows(left, 'by Orange phone')
        await expectAccessible(t, page, 'timeline')
      },
    )

    await t.test('the policy is a switch', async (t) => {
      for (const [policy, message] of [
        ['refuse', 'It is in use'],
        ['ask', ''],
      ] as const) {
        const changed = page.waitForResponse((response) => response.request().method() === 'PUT')
        await page.click(`input[value=${policy}]`)
        await changed
        await press(right, 'Sign in')
        await shows(right, 'Already signed in')
        await expectAccessible(t, page, policy)
        await press(right, 'Sign it out and go on')
        if (message === '') break
        await shows(right, message)
        await press(right, 'Cancel')
      }
      await shows(right, 'Signed in here')
      await shows(left, 'signed in on Orange phone')
      t.pass()
    })

    await t.test('“I have forgotten my password”, with the mail box', async (t) => {
      await left.evaluate('location.reload()')
      await press(left, 'I have forgotten my password')
      await press(left, 'Send a link')
      await shows(left, 'a link is on its way there')
      const link = await page.waitForSelector('#mails details[open] a', { timeout: 20_000 })
      await shows(page, 'From Oneseat <no-reply@demo.localhost> to ann@demo.localhost')
      await expectAccessible(t, page, 'a mail has come')
      await link?.evaluate((element) => (element as unknown as { click(): void }).click())
      await left.waitForSelector('input[autocomplete=new-password]', { timeout: 20_000 })
      t.equal(await left.evaluate('location.hash'), '', 'the token is not in the address')
      await left.type('input', 'a battery that I remember')
      await press(left, 'Set password')
      await shows(left, 'every device is signed out')
      await expectAccessible(t, page, 'set')
      await shows(right, 'Your password was changed')
      await shows(page, 'Your password was changed')
      await press(left, 'Go to sign-in')
      await left.type('input[type=password]', 'a battery that I remember')
      await press(left, 'Sign in')
      await shows(left, 'Signed in here')
    })

    t.strictSame(errors, [])
    t.strictSame(foreign, [], 'nothing comes from another host')
  },
)

t.test('`npm run demo` says where to look, and ends when it is told to', async (t) => {
  const env = { ...process.env, PORT: '0' }
  const child = spawn(...withoutTap(process.execPath, ['bin/oneseat.js', 'demo']), { cwd: ROOT, env })
  endWithUs(child)
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  await until(() => said.includes('Open'), 60_000)
  const port = /Open http:\/\/demo\.localhost:(\d+) /.exec(said)?.[1]
  t.match(await (await fetch(`http://127.0.0.1:${port}/demo`)).json(), {
    username: 'ann',
    policy: 'replace',
  })
  const ended = new Promise((done) => child.once('exit', done))
  child.kill('SIGTERM')
  t.equal(await ended, 0)
})

t.test('a port that is taken is said in a line', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const env = { ...process.env, PORT: String((other.address() as AddressInfo).port) }
  const { status, stderr } = await run(env)
  t.equal(status, 1)
  t.match(stderr, /^demo: .*EADDRINUSE.*\nPORT=0 takes a port that is free\.\n$/)
})

async function run(env: NodeJS.ProcessEnv): Promise<{ status: unknown; stderr: string }> {
  const child = spawn(...withoutTap(process.execPath, ['bin/oneseat.js', 'demo']), { cwd: ROOT, env })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const [status] = await once(child, 'close')
  return { status, stderr }
}

t.test('the README shows it', async (t) => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  for (const name of SHOTS) {
    t.ok(existsSync(join(ROOT, `docs/${name}.png`)), name)
    t.match(readme, `docs/${name}.png`)
  }
})
