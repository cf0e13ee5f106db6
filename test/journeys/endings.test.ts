import t, { type Test } from 'tap'
import { handleOf, overwrite, recordCount, storedLines } from '../support/record-of.ts'
import { BOTH_ENDS, type EngineName, type Service, startService } from '../support/service.ts'

// How sessions run out, and what is left of them in the store.

for (const engine of BOTH_ENDS) {
  t.test(`P25: of a session that was given a new id nothing stays valid [${engine}]`, async (t) => {
    const { service, browser } = await signIn(t, engine)
    const before = browser.copy()
    await browser.login('ann')
    t.match(await before.get('/me'), { status: 401, body: { code: 'session_replaced' } })
    t.equal((await browser.get('/me')).status, 200)
    const lines = await storedLines(service, handleOf(browser))
    t.strictSame(
      lines.map((line) => line[0]),
      ['2', '+', '-'],
      'one record, one live session in it',
    )
    t.equal(await recordCount(service), 1)
  })

  t.test(`P26: a session that ran out holds no seat [${engine}]`, async (t) => {
    const { clock, service, browser } = await signIn(t, engine, { IDLE_TIMEOUT: '10m' })
    clock.now += 600_000
    const next = service.browser()
    const answer = await next.login('ann')
    t.strictSame([answer.status, answer.body.replaced], [200, []], 'there was nobody to replace')
    t.match(await browser.get('/me'), { status: 401, body: { code: 'session_idle' } })
  })

  t.test(`P28: a session that has a millisecond left ends after it [${engine}]`, async (t) => {
    const timeouts = { IDLE_TIMEOUT: '1000ms', ABSOLUTE_TIMEOUT: '1500ms' }
    const { clock, service, browser } = await signIn(t, engine, timeouts)
    clock.now += 999
    t.equal((await browser.get('/me')).status, 200)
    clock.now += 500
    t.equal((await browser.get('/me')).status, 200)
    clock.now += 1
    t.match(await browser.get('/me'), { status: 401, body: { code: 'session_expired' } })
    const ttl = (await service.redis?.client.pttl(`oneseat:${handleOf(browser)}`)) ?? 1
    t.ok(ttl > 0 && ttl < 31 * 86_400_000, 'and its record has an end as well')
  })

  t.test(`P28: a session of one millisecond harms nothing [${engine}]`, async (t) => {
    const { clock, browser } = await signIn(t, engine, { IDLE_TIMEOUT: '1ms', ABSOLUTE_TIMEOUT: '1ms' })
    clock.now += 1
    t.match(await browser.get('/me'), { status: 401, body: { code: 'session_expired' } })
    t.equal((await browser.login('ann')).status, 200)
  })

  t.test(`P29: logging out leaves no live session behind [${engine}]`, async (t) => {
    const { service, browser } = await signIn(t, engine)
    const handle = handleOf(browser)
    const copy = browser.copy()
    await browser.post('/logout')
    const lines = await storedLines(service, handle)
    t.strictSame(
      lines.map((line) => line[0]),
      ['2', '-'],
    )
    t.match(await copy.get('/me'), { status: 401, body: { code: 'logged_out' } })
  })

  t.test(
    `P30: use keeps a session alive at one read a request, up to its end [${engine}]`,
    async (t) => {
      const timeouts = { IDLE_TIMEOUT: '10m', ABSOLUTE_TIMEOUT: '30m' }
      const { clock, service, browser } = await signIn(t, engine, timeouts)
      const ask = async () => {
        const before = service.watched.calls.length
        const { status, setCookies, body } = await browser.get('/me')
        return { status, setCookies, code: body.code, calls: service.watched.calls.slice(before) }
      }
      const calm = { status: 200, setCookies: [], code: undefined, calls: ['store.read'] }
      await ask() // on Redis, the first look at a user's first record confirms it against SQL
      clock.now += 59_999
      t.strictSame(await ask(), calm, 'nothing is written within a minute')
      clock.now += 1
      // Redis can have lost what SQL knows, which is looked at by the way.
      const compare = engine === 'redis' ? ['numbers.find'] : []
      const touch = ['store.read', 'store.read', ...compare, 'store.swap']
      t.strictSame(await ask(), { ...calm, calls: touch }, 'then once')
      t.strictSame(await ask(), calm)
      for (let minute = 10; minute < 30; minute += 9) {
        clock.now = clock.start + minute * 60_000
        t.equal((await ask()).status, 200, `in use after ${minute} minutes`)
      }
      clock.now = clock.start + 30 * 60_000
      t.match(
        await ask(),
        { status: 401, code: 'session_expired' },
        'use does not move the absolute end',
      )
    },
  )

  t.test(
    `A 7.3.1: what a guard has let in counts as use, and nothing else does [${engine}]`,
    async (t) => {
      const { clock, browser } = await signIn(t, engine, { IDLE_TIMEOUT: '10m' })
      const uses: [status: number, method: string, path: string, counts: boolean][] = [
        [403, 'GET', '/admin/users', true],
        [404, 'DELETE', '/me/sessions/x', true],
        [404, 'GET', '/nowhere', false],
        [405, 'POST', '/me', false],
        [400, 'GET', '/me/timeline?limit=0', false],
        [200, 'GET', '/health/live', false],
      ]
      for (const [status, method, path, counts] of uses) {
        await browser.login('ann')
        clock.now += 599_000
        t.equal((await browser.request(method, path)).status, status, path)
        clock.now += 2_000
        const after = await browser.get('/me')
        t.equal(after.body.code ?? 200, counts ? 200 : 'session_idle', `${method} ${path}`)
      }
    },
  )

  t.test(`P31: cookie, session and record agree on the end [${engine}]`, async (t) => {
    const { service, browser, answer } = await signIn(t, engine)
    const expiresAt = Date.parse(answer.body.session.expiresAt)
    const expires = Date.parse(/Expires=([^;]+)/.exec(answer.setCookies[0] ?? '')?.[1] ?? '')
    t.equal(expires, Math.floor(expiresAt / 1000) * 1000, 'a cookie counts in whole seconds')
    const kept = await service.redis?.client.call('PEXPIRETIME', `oneseat:${handleOf(browser)}`)
    t.equal(kept ?? expiresAt + MONTH, expiresAt + MONTH, 'the reason is kept for a month after')
  })

  t.test(
    `P32: a record that is cut off means signed out, not an error for ever [${engine}]`,
    async (t) => {
      const { service, browser } = await signIn(t, engine)
      const handle = handleOf(browser)
      const whole = (await storedLines(service, handle)).join('\n')
      const statuses = new Set<number>()
      for (let length = 1; length < whole.lastIndexOf('\t'); length += 7) {
        await overwrite(service, handle, whole.slice(0, length))
        statuses.add((await browser.get('/me')).status)
      }
      t.strictSame([...statuses], [401])
      t.match(await browser.get('/me'), { status: 401, body: { code: 'unauthenticated' } })
      t.equal((await browser.login('ann')).status, 200, 'and a login mends it')
      t.equal((await browser.get('/me')).status, 200)
    },
  )
}

const MONTH = 30 * 86_400_000

type Clock = { start: number; now: number }

/** A browser that has just signed in, at a time that stands still. */
async function signIn(t: Test, engine: EngineName, env: Record<string, string> = {}) {
  const now = Date.now()
  const clock: Clock = { start: now, now }
  const service: Service = await startService(t, engine, {
    env,
    wrap: (engines) => ({ ...engines, store: { ...engines.store, now: () => clock.now } }),
  })
  await service.register('ann')
  const browser = service.browser()
  const answer = await browser.login('ann')
  return { clock, service, browser, answer }
}
