import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { endWithUs, withoutTap } from '../support/children.ts'
import { makeUser } from '../support/people.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { FROM_SOURCE } from './start-example.ts'

const APP = join(import.meta.dirname, '../../examples/mobile/app.js')
const ANOTHER = 'another test, another secret'

/** A phone: what its app keeps stays from one run to the next. */
function phoneOf(t: Test, url: string) {
  const cwd = mkdtempSync(join(tmpdir(), 'oneseat-mobile-'))
  t.teardown(() => rmSync(cwd, { recursive: true, force: true }))
  return {
    keychain: () => JSON.parse(readFileSync(join(cwd, 'keychain.json'), 'utf8')),
    /** Runs the app; gives what it says, and how it ended. */
    run(...args: string[]) {
      const env = { ONESEAT_URL: url, PASSWORD, NEW_PASSWORD: ANOTHER }
      const child = spawn(...withoutTap(process.execPath, [...FROM_SOURCE, APP, ...args]), { cwd, env })
      endWithUs(child)
      const exited = new Promise<number | null>((done) => child.once('close', done))
      let said = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          said += chunk
        })
      return {
        says: (what: RegExp) => until(() => what.test(said), 20_000),
        end: async () => ({ code: await exited, said }),
        close: () => child.kill(),
      }
    },
  }
}

t.test('an app keeps its token, and is told why it was signed out', async (t) => {
  const service = await startService(t, 'sqlite')
  await makeUser(service, 'ann')
  const phone = phoneOf(t, service.url)

  t.match(await phone.run().end(), { code: 0, said: /^Nobody is signed in/ })
  const first = phone.run('sign-in', 'ann')
  await first.says(/^Signed in as ann\.\n$/)
  const { token, deviceToken } = phone.keychain()
  t.match([token, deviceToken], [/^[\w-]+\.[\w-]+$/, /./])
  first.close()

  const opened = phone.run()
  await opened.says(/^Signed in as ann\.\n$/)
  t.equal(phone.keychain().token, token, 'the one of before')
  await service.browser().login('ann', { device: 'laptop' })
  const replaced = /signed in on laptop \(.*\) at .*, so you were signed out here\.\nIf that was not you/
  t.match(await opened.end(), { code: 0, said: replaced }, 'by the stream')
  t.match(await phone.run().end(), { code: 0, said: replaced }, 'and when it is opened again')

  t.match(await phone.run('not-me').end(), { code: 0, said: /^That device is signed out/ })
  t.match(await phone.run('not-me').end(), { code: 1, said: /ended already/ })
  const again = phone.run('sign-in', 'ann')
  await again.says(/^Signed in as ann\.\nChoose another password/)
  again.close()
  t.match(await phone.run('change-password').end(), { code: 0, said: /^Changed\. / })
  const last = phone.run()
  await last.says(/^Signed in as ann\.\n$/)
  last.close()
})

t.test('it tries again, not before `Retry-After`, and says what stays wrong', async (t) => {
  const asked: number[] = []
  const service = await startService(t, 'sqlite', {
    prepare: (app) => {
      app.addHook('onRequest', async (request, reply) => {
        if (request.url === '/login' && asked.push(performance.now()) === 1)
          return reply.code(503).header('retry-after', '1').send()
        return undefined
      })
    },
  })
  await makeUser(service, 'ann')
  const phone = phoneOf(t, service.url)
  const app = phone.run('sign-in', 'ann')
  await app.says(/^Signed in as ann\.\n$/)
  t.equal(asked.length, 2)
  t.ok((asked[1] ?? 0) - (asked[0] ?? 0) >= 1000)
  app.close()
  t.match(await phone.run('sign-in', 'bob').end(), { code: 1, said: /password is wrong/ })
})
