import { Signer } from '@fastify/cookie'
import t from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { cookieOf, recordCount } from '../support/record-of.ts'
import { BOTH_ENDS, type Service, startService } from '../support/service.ts'

// What somebody without a session, or with a cookie that is not their own, can leave behind: nothing.

for (const engine of BOTH_ENDS) {
  t.test(`V-23: requests that sign nobody in write nothing and set no cookie [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    await service.register('ann')
    const records = await recordCount(service)
    const { calls } = service.watched
    const before = calls.length
    const stranger = service.browser()
    const [forged, signed] = [service.browser(), service.browser()]
    forged.jar.set('oneseat', OF_NOBODY)
    signed.jar.set('oneseat', signerOf(service).sign(OF_NOBODY))
    for (const browser of [stranger, forged, signed]) {
      const answers = [
        await browser.get('/me'),
        await browser.get('/me/sessions'),
        await browser.get('/nowhere'),
        await browser.post('/logout'),
        await browser.login('ann', { password: 'not the password' }),
        await browser.login('nobody'),
        await browser.post('/login', { username: 'ann' }),
        await browser.post('/sessions/dispute'),
      ]
      const cookies = answers.flatMap(({ setCookies, deviceCookies }) => [
        ...setCookies,
        ...deviceCookies,
      ])
      t.strictSame(
        cookies.filter((line) => !line.startsWith('oneseat=;')), // a logout clears
        [],
      )
    }
    const writes = calls.slice(before).filter((call) => !READS.includes(call))
    t.strictSame(writes, [])
    t.equal(await recordCount(service), records)
  })

  t.test(`routes that need no session never ask the store for one [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    await service.register('ann')
    const browser = service.browser()
    await browser.login('ann')
    const { calls } = service.watched
    const before = calls.length
    for (const path of ['/health/live', '/openapi.yaml', '/metrics', '/nowhere']) await browser.get(path)
    await browser.request('PUT', '/me')
    await browser.request('OPTIONS', '/login')
    t.strictSame(calls.slice(before), [])
    await browser.post('/register', { username: 'bob', password: PASSWORD })
    t.strictSame(calls.slice(before), ['accounts.create'])
  })

  t.test(`P37: a cookie that was planted never becomes the session [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    for (const name of ['ann', 'mallory']) await service.register(name)
    const mallory = service.browser()
    await mallory.login('mallory')
    const planted = {
      'of nobody': OF_NOBODY,
      'of nobody, signed by somebody else': `${OF_NOBODY}.${'C'.repeat(43)}`,
      'of nobody, signed by us': signerOf(service).sign(OF_NOBODY),
      'of the one who planted it': cookieOf(mallory),
    }
    for (const [what, value] of Object.entries(planted)) {
      const victim = service.browser()
      victim.jar.set('oneseat', encodeURIComponent(value))
      const { status, body } = await victim.login('ann')
      t.strictSame([status, body.user.username], [200, 'ann'], what)
      t.not(cookieOf(victim), value, what)
      const attacker = service.browser()
      attacker.jar.set('oneseat', encodeURIComponent(value))
      t.equal((await attacker.get('/me')).status, 401, `${what}: opens nothing`)
    }
    t.match(await mallory.get('/me'), { status: 401, body: { code: 'logged_out' } })
  })
}

/** What a stranger may have the stores do. */
const READS = ['store.read', 'accounts.findByUsername', 'accounts.sampleHashes']

/** Formed like ours. */
const OF_NOBODY = `${'A'.repeat(16)}.${'B'.repeat(43)}`

/** What signed cookies before the first release. */
function signerOf({ engines }: Service): Signer {
  return new Signer([...engines.secrets])
}
