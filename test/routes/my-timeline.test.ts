import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { join, makeUser, type SignedIn, signIn, standing } from '../support/people.ts'
import { ENGINES, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

for (const engine of ENGINES) {
  t.test(engine, async (t) => {
    const service = await startService(t, engine)

    t.test('the story of an account: who signed in, who replaced whom, who left', async (t) => {
      const browser = service.browser()
      await browser.post('/register', { username: 'ann', password: 'a test needs no secrets' })
      await browser.login('ann', { password: 'this is not it' })
      const laptop = await signIn(service, 'ann', 'laptop')
      const phone = await signIn(service, 'ann', 'phone')
      await phone.browser.post('/logout')
      const again = await signIn(service, 'ann', 'phone')
      const events = await eventsOf(again)
      t.match(events, [
        { type: 'login', device: { name: 'phone' }, sessionId: again.session.id, by: null },
        { type: 'logged_out', device: { name: 'phone' }, sessionId: phone.session.id },
        { type: 'login', device: { name: 'phone' } },
        {
          type: 'session_replaced',
          device: { name: 'laptop' },
          sessionId: laptop.session.id,
          by: { device: { name: 'phone' }, ip: '127.0.0.0/24', user: null },
        },
        { type: 'login', device: { name: 'laptop' }, ip: '127.0.0.0/24' },
        { type: 'login_failed', sessionId: null, device: null, ip: '127.0.0.0/24' },
        { type: 'registered' },
      ])
      t.equal(events.length, 7)
    })

    t.test('a session that ran out is told once, with its device, by whoever notices it', async (t) => {
      await makeUser(service, 'bob')
      const idle = await signIn(service, 'bob', 'left at work')
      service.advance(31 * 60_000)
      const answers = await Promise.all(Array.from({ length: 5 }, () => standing(idle)))
      t.strictSame(new Set(answers), new Set(['session_idle']))

      // The next login notices that nobody used the one before.
      const forgotten = await signIn(service, 'bob', 'forgotten')
      service.advance(31 * 60_000)
      const { browser } = await signIn(service, 'bob', 'new')
      service.advance(13 * 60 * 60_000)
      t.equal(await standing({ browser }), 'session_idle')
      const last = await signIn(service, 'bob', 'last')
      const ranOut = (await eventsOf(last)).filter(({ type }) => type === 'session_idle')
      t.match(ranOut, [
        { device: { name: 'new' } },
        { device: { name: 'forgotten' }, sessionId: forgotten.session.id },
        { device: { name: 'left at work' }, sessionId: idle.session.id },
      ])
      t.equal(ranOut.length, 3)
    })

    t.test('the same browser that signs in again replaces itself without a word', async (t) => {
      const { browser } = await join(service, 'cid')
      const { body } = await browser.login('cid')
      t.strictSame(body.replaced, [])
      const events = await eventsOf({ browser })
      t.strictSame(
        events.map(({ type }) => type),
        ['login', 'login', 'registered'],
      )
    })

    t.test('it comes in pages, and each event once', async (t) => {
      await makeUser(service, 'dan')
      for (let i = 0; i < 5; i++) await signIn(service, 'dan')
      const { browser } = await signIn(service, 'dan')
      const all = (await browser.get('/me/timeline')).body
      t.equal(all.next, null)
      const seen: string[] = []
      for (let after: string | null = ''; after !== null; ) {
        const query: string = after === '' ? '' : `&after=${after}`
        const { body } = await browser.get(`/me/timeline?limit=4${query}`)
        t.ok(body.events.length <= 4)
        seen.push(...body.events.map(({ id }: { id: string }) => id))
        after = body.next
      }
      t.strictSame(
        seen,
        all.events.map(({ id }: { id: string }) => id),
      )
      t.equal(seen.length, 12, 'an account, six logins, five replacements')
    })

    t.test('a cursor that is none of ours is refused', async (t) => {
      const { browser } = await join(service, 'fay')
      for (const after of ['x', '0', 'ü'])
        t.match(await browser.get(`/me/timeline?after=${after}`), {
          status: 400,
          body: { errors: [{ path: '/after' }] },
        })
    })

    t.test('whose browser signs in as somebody else is signed out, and can read so', async (t) => {
      const first = await join(service, 'gil')
      await makeUser(service, 'hal')
      const old = first.browser.copy()
      t.equal((await first.browser.login('hal')).status, 200)
      t.match(await old.get('/me'), { status: 401, body: { code: 'logged_out' } })
      t.match((await eventsOf(await signIn(service, 'gil'))).slice(1), [
        { type: 'logged_out', sessionId: first.session.id },
        { type: 'login' },
      ])
    })

    t.test('nobody reads the story of somebody else', async (t) => {
      const ann = await join(service, 'eve')
      const events = await eventsOf(ann)
      t.strictSame(
        events.map(({ type }) => type),
        ['login', 'registered'],
      )
      t.equal((await service.browser().get('/me/timeline')).status, 401)
    })
  })
}

for (const engine of ['sqlite', 'redis'] as const) {
  t.test(`what cannot be told is not answered, and is told when it can be [${engine}]`, async (t) => {
    const dir = mkdtempSync(joinPath(tmpdir(), 'oneseat-test-'))
    t.teardown(() => rmSync(dir, { recursive: true, force: true }))
    const path = joinPath(dir, 'oneseat.db')
    const service = await startService(t, engine, { env: { DATABASE_URL: `file:${path}` } })
    const [ann, bob] = [await join(service, 'ann'), await join(service, 'bob')]
    const file = new Database(path)
    t.teardown(() => file.close())
    file.exec('ALTER TABLE oneseat_timeline RENAME TO hidden')

    t.equal((await ann.browser.get('/me/timeline')).status, 503)
    t.equal(await standing(ann), '200', 'a check needs no timeline')
    const wrong = await service.browser().login('ann', { password: 'this is not it' })
    t.equal(wrong.status, 401, 'nor is a wrong password worth it')
    const login = await service.browser().login('ann')
    t.equal(login.status, 503)
    t.strictSame([...login.setCookies, ...login.deviceCookies], [])
    t.equal((await bob.browser.post('/logout')).status, 503)
    t.equal(await standing(bob), 'logged_out', 'which has happened all the same')
    const signUp = { username: 'cid', password: 'a test needs no secrets' }
    t.equal((await service.browser().post('/register', signUp)).status, 503)

    file.exec('ALTER TABLE hidden RENAME TO oneseat_timeline')
    service.advance(5_000)
    file.exec('UPDATE oneseat_changes SET at = at - 5000')
    const isOpen = file.prepare('SELECT count(*) FROM oneseat_changes').pluck()
    await until(() => isOpen.get() === 0)
    t.equal((await service.browser().post('/register', signUp)).status, 201)
    const told = async (name: string) =>
      (await eventsOf(await signIn(service, name))).slice(2).map(({ type }) => type)
    t.strictSame(await told('ann'), ['login', 'session_replaced', 'login', 'registered'])
    t.strictSame((await told('bob')).slice(-2), ['login', 'registered'])
  })
}

async function eventsOf({ browser }: Pick<SignedIn, 'browser'>) {
  const { body } = await browser.get('/me/timeline')
  return body.events as { id: string; type: string }[]
}
