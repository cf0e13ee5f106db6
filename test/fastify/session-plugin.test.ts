import t from 'tap'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import type { Browser } from '../support/browser.ts'
import { recordCount } from '../support/record-of.ts'
import { BOTH_ENDS, type Service, startService } from '../support/service.ts'
import { sharedStores } from '../support/stores.ts'

for (const engine of BOTH_ENDS) {
  t.test(
    `P33: a changed secret signs nobody out while the old one still verifies [${engine}]`,
    async (t) => {
      const stores = await sharedStores(t, engine)
      const begin = (SESSION_SECRET: string) =>
        startService(t, 'sqlite', { env: { ...stores, SESSION_SECRET } })
      const [older, newer] = [
        'the secret that signed at first',
        'the secret that signs from now on',
      ].map((secret) => `${secret} `.repeat(2)) as [string, string]
      const before = await begin(older)
      await before.register('ann')
      const browser = before.browser()
      await browser.login('ann')
      await before.app.close()

      const rotated = await begin(`${newer},${older}`)
      const kept = browser.copy(rotated.url)
      for (const path of ['/me', '/health/live']) {
        const answer = await kept.get(path)
        t.strictSame([answer.status, answer.setCookies], [200, []], path)
      }
      t.equal((await kept.get('/me')).status, 200, 'and again')
      const renewed = kept.copy()
      t.equal((await renewed.login('ann')).setCookies.length, 1)
      t.match(await kept.get('/me'), { body: { code: 'session_replaced' } })
      await rotated.app.close()

      const after = await begin(newer)
      t.match(await browser.copy(after.url).get('/me'), {
        status: 401,
        body: { code: 'unauthenticated' },
      })
      t.equal((await renewed.copy(after.url).get('/me')).status, 200)
    },
  )

  t.test(
    `P34: a login over a live session sets one cookie and leaves no orphan [${engine}]`,
    async (t) => {
      const { service, browser } = await signIn(await startService(t, engine))
      const answer = await browser.login('ann')
      const [line, ...more] = answer.setCookies
      t.strictSame(more, [])
      t.notMatch(line, 'Max-Age=0')
      t.equal(await recordCount(service), 1)
    },
  )

  t.test(
    `P35: a login writes the store once and SQL twice, also over a live session [${engine}]`,
    async (t) => {
      const { service, browser } = await signIn(await startService(t, engine))
      for (const client of [browser, service.browser()]) {
        const before = service.watched.calls.length
        await client.login('ann')
        const writes = service.watched.calls.slice(before).filter((call) => WRITES.includes(call))
        t.strictSame(writes, ['numbers.raise', 'store.swap', 'changes.close'])
      }
    },
  )

  t.test(
    `P36: a logout tells the browser to forget the cookie, with its own attributes [${engine}]`,
    async (t) => {
      const { browser, answer } = await signIn(await startService(t, engine))
      const set = attributesOf(answer.setCookies[0])
      const { status, setCookies } = await browser.post('/logout')
      t.equal(status, 204)
      t.equal(setCookies.length, 1)
      const cleared = attributesOf(setCookies[0])
      t.strictSame([...cleared.keys()].sort(), [
        'Expires',
        'HttpOnly',
        'Max-Age',
        'Path',
        'SameSite',
        'oneseat',
      ])
      for (const name of ['Path', 'SameSite', 'HttpOnly'])
        t.equal(cleared.get(name), set.get(name), name)
      t.equal(cleared.get('oneseat'), '')
      t.notOk(browser.jar.has('oneseat'))
    },
  )

  t.test(`P38: the cookie lives as long as the session, in the right unit [${engine}]`, async (t) => {
    const { answer } = await signIn(await startService(t, engine, { env: { ABSOLUTE_TIMEOUT: '2h' } }))
    const expires = Date.parse(attributesOf(answer.setCookies[0]).get('Expires') ?? '')
    const hours = (expires - Date.now()) / 3_600_000
    t.ok(hours > 1.99 && hours <= 2, `${hours} hours`)
  })
}

for (const when of ['before', 'after'] as const) {
  t.test(`a login whose store fails ${when} any one of its steps sets no cookie`, async (t) => {
    const { service, browser: older } = await signIn(await startService(t, 'sqlite'))
    await service.register('bob')
    const browsers: Record<string, () => Promise<Browser>> = {
      'a new browser': async () => service.browser(),
      'the same browser': async () => older.copy(),
      'a browser of somebody else': async () => (await signIn(service, 'bob')).browser,
    }
    for (const [whose, open] of Object.entries(browsers)) {
      for (let step = 0, finished = false; !finished; step++) {
        await older.login('ann')
        const browser = await open()
        const claimed = breakStep(service, step, when)
        const answer = await browser.login('ann')
        service.watched.around = (_call, work) => work()
        finished = answer.status === 200
        if (finished) break
        const name = `${whose}, step ${step}`
        t.match(answer, { status: 503, body: { code: 'store_unavailable' } }, name)
        t.strictSame([...answer.setCookies, ...answer.deviceCookies], [], name)
        t.equal(answer.headers.get('retry-after'), '1', name)
        t.equal((await older.get('/me')).status, claimed() ? 401 : 200, `${name}: the older device`)
      }
    }
  })
}

t.test('a login that fails after its session was issued sets no cookie', async (t) => {
  const service = await startService(t, 'sqlite', {
    prepare: (app) =>
      app.addHook('onSend', async (request) => {
        if (request.issued !== null) throw new Error('a bug, at the last moment')
      }),
  })
  await service.register('ann')
  const answer = await service.browser().login('ann')
  t.match(answer, { status: 500, body: { code: 'internal' } })
  t.strictSame(answer.headers.getSetCookie(), [])
})

t.test(`a logout whose store fails at any one of its steps keeps the cookie`, async (t) => {
  const { service, browser } = await signIn(await startService(t, 'sqlite'))
  for (let step = 0; ; step++) {
    await browser.login('ann')
    const ended = breakStep(service, step, 'before')
    const answer = await browser.post('/logout')
    service.watched.around = (_call, work) => work()
    if (answer.status === 204) break
    t.match(answer, { status: 503, body: { code: 'store_unavailable' } }, `step ${step}`)
    t.strictSame(answer.setCookies, [], `step ${step}`)
    t.equal((await browser.get('/me')).status, ended() ? 401 : 200, `step ${step}`)
  }
})

const WRITES = [
  ...['store.swap', 'numbers.raise', 'changes.close'],
  ...['accounts.create', 'accounts.createAll', 'accounts.rehash'],
]

/** Has the engines fail at one call from now on; gives whether the record was changed nevertheless. */
function breakStep(service: Service, step: number, when: 'before' | 'after'): () => boolean {
  let calls = 0
  let swapped = false
  service.watched.around = async (call, work) => {
    const broken = calls++ === step
    if (broken && when === 'before') throw storeUnavailable()
    const result = await work()
    swapped ||= call === 'store.swap' && result === true
    if (broken) throw storeUnavailable()
    return result
  }
  return () => swapped
}

async function signIn(service: Service, username = 'ann') {
  await service.register(username).catch(() => {})
  const browser = service.browser()
  const answer = await browser.login(username)
  return { service, browser, answer }
}

function attributesOf(line = ''): Map<string, string | undefined> {
  return new Map(line.split('; ').map((part) => part.split('=', 2) as [string, string | undefined]))
}
