import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { skeletonOf } from '../../../src/accounts/skeleton.ts'
import { anyAccount } from '../../accounts/contract.ts'
import { openDatabase } from '../../support/database.ts'
import { startInstance } from '../../support/process.ts'
import { recordCount, storedLines } from '../../support/record-of.ts'
import { startRedis } from '../../support/redis.ts'
import {
  ENGINES,
  type EngineName,
  REGISTERED,
  type Service,
  startService,
} from '../../support/service.ts'
import {
  ANN,
  CREATED,
  leaveBehind,
  migrateAsBefore,
  openRaw,
  recordOfAnn,
  SECRET_OF_RUN,
} from './first-version.ts'

for (const engine of ENGINES) {
  t.test(`a version before the first release is taken over [${engine}]`, async (t) => {
    const env = await leftBehind(t, engine)
    const service = await startService(t, 'sqlite', { env })

    t.test('whoever was signed in still is, by the cookie they have', async (t) => {
      for (const cookie of [ANN.live.cookie, encodeURIComponent(ANN.live.cookie)]) {
        const { status, body } = await withCookie(service, cookie).get('/me')
        t.equal(status, 200)
        t.match(body.user, {
          ...{ id: ANN.id, username: 'ann', roles: ['admin', 'editor'] },
          createdAt: new Date(CREATED).toISOString(),
        })
        t.match(body.session, { id: ANN.live.id, epoch: 2, device: { browser: 'curl' }, current: true })
      }
    })

    t.test('and whoever was replaced is told by whom', async (t) => {
      t.match(await withCookie(service, ANN.replaced.cookie).get('/me'), {
        status: 401,
        body: { code: 'session_replaced', replacedBy: { device: { browser: 'curl' } } },
      })
    })

    t.test('a signature that is wrong is still worth nothing', async (t) => {
      const { cookie } = ANN.live
      const [handle, secret, signature] = cookie.split('.') as [string, string, string]
      for (const forged of [
        `${handle}.${secret}.${signature.slice(0, -2)}AA`,
        `${handle}.${secret}.`,
        `${handle}.${secret}.${ANN.replaced.cookie.split('.')[2]}`,
        `${cookie}.${signature}`,
      ])
        t.match((await withCookie(service, forged).get('/me')).body, { code: 'unauthenticated' }, forged)
    })

    t.test('using the session goes on, and its record has the new form', async (t) => {
      const browser = withCookie(service, ANN.live.cookie)
      service.advance(60_000)
      t.equal((await browser.get('/me')).status, 200)
      t.match((await storedLines(service, ANN.handle))[0], /^2\t/)
      t.equal((await browser.get('/me')).status, 200)
      t.equal(await recordCount(service), 1)
    })

    t.test('who is online, and what happened, is known', async (t) => {
      const browser = withCookie(service, ANN.live.cookie)
      const online = (await browser.get('/admin/sessions')).body.sessions
      t.match(online, [{ id: ANN.live.id, user: { username: 'ann' } }])
      const { events } = (await browser.get('/me/timeline')).body
      t.strictSame(
        events.map(({ type }: { type: string }) => type),
        ['login', 'registered'],
      )
      t.match((await browser.get('/admin/users')).body.users, [
        { username: 'ann', disabled: false, roles: ['admin', 'editor'], lastLoginAt: /Z$/ },
        { username: 'dan', disabled: true, lastLoginAt: null },
        { username: 'évé', disabled: false, lastLoginAt: null },
      ])
    })

    t.test('every account has its password, and a login replaces the session from before', async (t) => {
      t.equal((await service.browser().login('dan')).status, 401)
      t.equal((await service.browser().login('évé')).status, 200)
      const phone = service.browser()
      const { status, body } = await phone.login('ann')
      t.equal(status, 200)
      t.match(body.replaced, [{ id: ANN.live.id }])
      t.ok(body.session.epoch > 2)
      t.match((await withCookie(service, ANN.live.cookie).get('/me')).body, { code: 'session_replaced' })
      t.equal((await phone.get('/me')).status, 200)
    })

    t.test('the next start finds it done', async (t) => {
      await service.app.close()
      const next = await startService(t, 'sqlite', { env })
      t.equal((await next.parts.accounts.list({ after: '', limit: 9 })).length, 3)
    })

    t.test('such a version does not start on it again', async (t) => {
      const db = openRaw(env['DATABASE_URL'] ?? '')
      t.teardown(() => db.destroy())
      await t.rejects(migrateAsBefore(db), /999-moved/)
      const names = (await db.introspection.getTables()).map(({ name }) => name)
      for (const gone of ['users', 'timeline', 'seats']) t.notOk(names.includes(gone), gone)
    })
  })
}

t.test('accounts that look the same keep their names, and no new one joins them', async (t) => {
  for (const engine of ['sqlite', 'postgres'] as const) {
    const url = engine === 'postgres' ? await openDatabase(t) : newFile(t)
    const db = openRaw(url)
    await migrateAsBefore(db)
    const others = Array.from({ length: 1_200 }, (_, i) => `user-${i}`)
    const names = ['tom', 'torn', 'paypa1', 'paypal', 'pаypаl', ...others]
    for (const [i, username] of names.entries()) {
      await sql`
        insert into users (id, handle, username, password_hash, credential_epoch, epoch, roles, created_at)
        values (${`id${i}`}, ${`handle${i}`}, ${username}, 'hash', 0, 0, '[]', ${10 - (i % 2)})`.execute(
        db,
      )
    }
    const { accounts } = (
      await startService(t, 'sqlite', { env: { DATABASE_URL: url, SESSION_SECRET: SECRET_OF_RUN } })
    ).parts
    const { rows } = await sql<{ username: string; skeleton: string | null }>`
      select username, skeleton from oneseat_accounts`.execute(db)
    await db.destroy()
    const skeletons = new Map(rows.map(({ username, skeleton }) => [username, skeleton]))
    t.equal(skeletons.get('torn'), 'torn', 'the oldest has it')
    t.equal(skeletons.get('paypal'), 'paypal')
    for (const name of ['tom', 'paypa1', 'pаypаl']) t.equal(skeletons.get(name), null)
    for (const name of others) t.equal(skeletons.get(name), skeletonOf(name))
    for (const username of names.slice(0, 5))
      t.match(await accounts.findByUsername(username), { username })
    for (const username of [...names.slice(0, 5), 'pαypal']) {
      const wish = { ...anyAccount(), username }
      await t.rejects(accounts.create(wish, REGISTERED), { code: 'username_taken' }, username)
    }
    await accounts.create({ ...anyAccount(), username: 'ɑ' }, REGISTERED)
  }
})

for (const engine of ['sqlite', 'postgres'] as const) {
  t.test(`instances that start together take it over once [${engine}]`, async (t) => {
    const env = await leftBehind(t, engine)
    const instances = await Promise.all([1, 2, 3].map(() => startInstance(env)))
    for (const instance of instances) t.equal(await instance.stop(), 0)
    const service = await startService(t, 'sqlite', { env })
    t.equal((await withCookie(service, ANN.live.cookie).get('/me')).status, 200)
    t.equal((await service.parts.accounts.list({ after: '', limit: 9 })).length, 3)
  })
}

t.test('tables of somebody else are left alone', async (t) => {
  for (const engine of ['sqlite', 'postgres'] as const)
    for (const usesKysely of [false, true]) {
      const url = engine === 'postgres' ? await openDatabase(t) : newFile(t)
      const db = openRaw(url)
      await sql`create table users (id text primary key)`.execute(db)
      await sql`create table seats (place text)`.execute(db)
      await sql`insert into users values ('theirs')`.execute(db)
      if (usesKysely) {
        await sql`create table kysely_migration (name text, timestamp text)`.execute(db)
        await sql`insert into kysely_migration values ('their-001', '')`.execute(db)
      }
      const env = { DATABASE_URL: url, SESSION_SECRET: SECRET_OF_RUN }
      const service = await startService(t, 'sqlite', { env })
      await service.register('ann')
      t.equal((await service.browser().login('ann')).status, 200)
      t.strictSame((await sql`select id from users`.execute(db)).rows, [{ id: 'theirs' }])
      t.strictSame((await sql`select place from seats`.execute(db)).rows, [])
      await db.destroy()
    }
})

/** Where such a version ran: the settings of the one that comes after it. */
async function leftBehind(t: Test, engine: EngineName): Promise<Record<string, string>> {
  const DATABASE_URL = engine === 'postgres' ? await openDatabase(t) : newFile(t)
  const db = openRaw(DATABASE_URL)
  const now = Date.now()
  const settings = { DATABASE_URL, SESSION_SECRET: SECRET_OF_RUN }
  if (engine !== 'redis') {
    await leaveBehind(db, now, recordOfAnn(now, ''))
    await db.destroy()
    return settings
  }
  await leaveBehind(db, now, null)
  await db.destroy()
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  const [, history = ''] = /master_replid:(\w+)/.exec(await redis.client.info('replication')) ?? []
  await redis.client.set(`oneseat:${ANN.handle}`, recordOfAnn(now, history.slice(0, 16)))
  return { ...settings, REDIS_URL: redis.url }
}

function withCookie(service: Service, value: string) {
  const browser = service.browser()
  browser.jar.set('oneseat', value)
  return browser
}

function newFile(t: Test): string {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-first-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return `file:${join(dir, 'oneseat.db')}`
}
