import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { Export } from '../../schemas/account.ts'
import { queriesFor } from '../../src/database/tables.ts'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import { type Answer, PASSWORD } from '../support/browser.ts'
import { closedLatch } from '../support/latch.ts'
import { startMailServer, tokenIn } from '../support/mail-server.ts'
import { changeUser, giveAddress, join, makeUser, signIn, standing } from '../support/people.ts'
import { openSocket, request } from '../support/raw.ts'
import { ENGINES, type EngineName, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const PAGE = 'https://app.example/confirm#token={token}'
const currentPassword = PASSWORD

for (const engine of ENGINES) {
  t.test(`a mail address is used once it is confirmed [${engine}]`, async (t) => {
    const { mails, service } = await startWithMails(t, engine)
    const ann = await join(service, 'ann')
    const change = (email: unknown, password = PASSWORD) =>
      ann.browser.request('PATCH', '/me', { email, currentPassword: password })

    t.match(await change('ann@example.org', 'not the password'), { status: 401 })
    const asked = await change('ann@example.org')
    t.match(asked, { status: 200, body: { user: { username: 'ann' } } })
    t.notOk('email' in asked.body.user)
    t.notOk('email' in (await ann.browser.get('/me')).body.user)
    const mail = await mails.newest('ann@example.org')
    t.match(mail.subject, 'Confirm your mail address')
    const confirm = (token: string) => service.browser().post('/email/confirm', { token })
    const token = tokenIn(mail)
    t.match(
      await service
        .browser()
        .post('/password/reset', { token, newPassword: 'another one, much longer' }),
      {
        status: 410,
      },
    )
    const both = await Promise.all([confirm(token), confirm(token)])
    t.strictSame(both.map(({ status }) => status).sort(), [204, 410])
    t.match(await ann.browser.get('/me'), { status: 200, body: { user: { email: 'ann@example.org' } } })
    t.match(await service.browser().login('ann'), { body: { user: { email: 'ann@example.org' } } })

    const anew = await signIn(service, 'ann')
    t.equal(
      (await anew.browser.request('PATCH', '/me', { email: 'ann@example.net', currentPassword })).status,
      200,
    )
    t.match(await mails.newest('ann@example.org', 2), { subject: 'Your mail address changes' })
    t.match(await anew.browser.get('/me'), { body: { user: { email: 'ann@example.org' } } })
    t.equal((await confirm(tokenIn(await mails.newest('ann@example.net')))).status, 204)
    t.match(await anew.browser.get('/me'), { body: { user: { email: 'ann@example.net' } } })
    const none = await anew.browser.request('PATCH', '/me', { email: null, currentPassword })
    t.equal(none.status, 200)
    t.notOk('email' in none.body.user)
    t.match(await mails.newest('ann@example.net', 2), { subject: 'Your mail address changes' })
    const { events } = (await anew.browser.get('/me/timeline')).body
    const types = events.map(({ type }: { type: string }) => type)
    t.equal(types.filter((type: string) => type === 'email_requested').length, 2)
    t.equal(types.filter((type: string) => type === 'email_changed').length, 3)
  })

  t.test(`another name [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { TRUST_PROXY: '127.0.0.1' } })
    await makeUser(service, 'bill')
    const ann = await join(service, 'ann')
    const rename = (username: string) =>
      ann.browser.request('PATCH', '/me', { username, currentPassword })
    const renamed = await rename('Anna')
    t.match(renamed, { status: 200, body: { user: { username: 'anna' } } })
    t.equal(renamed.deviceCookies.length, 1, 'the device is known under the new name')
    t.match(await ann.browser.get('/me'), { status: 200, body: { user: { username: 'anna' } } })
    t.equal((await service.browser().login('ann')).status, 401)
    t.equal((await service.browser().login('anna')).status, 200)
    const anna = await signIn(service, 'anna')
    const again = (username: string) =>
      anna.browser.request('PATCH', '/me', { username, currentPassword })
    for (const taken of ['bill', 'BILL', 'bi11'])
      t.match(await again(taken), { status: 409, body: { code: 'username_taken' } }, taken)
    t.match(await again('no name'), { status: 400 })
    t.match(await again('anna'), { status: 200 }, 'the same')
    await makeUser(service, 'ann')
    t.match(await again('ann'), { status: 409 }, 'the former name, which somebody else has now')
    t.match(await anna.browser.get('/me'), { status: 200, body: { user: { username: 'anna' } } })
    const { events } = (await anna.browser.get('/me/timeline')).body
    t.equal(events.filter(({ type }: { type: string }) => type === 'username_changed').length, 1)

    const rivals = await Promise.all(['eve', 'fay'].map((name) => join(service, name)))
    const answers = await Promise.all(
      rivals.map(({ browser }) =>
        browser.request('PATCH', '/me', { username: 'crown', currentPassword }),
      ),
    )
    t.strictSame(answers.map(({ status }) => status).sort(), [200, 409], 'of two one gets it')
  })

  t.test(`who leaves is gone [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { SESSION_LIMIT: '3' } })
    const admin = await join(service, 'root', ['admin'])
    const helper = await join(service, 'helper', ['admin'])
    await makeUser(service, 'ann')
    const [laptop, phone] = [
      await signIn(service, 'ann', 'laptop'),
      await signIn(service, 'ann', 'phone'),
    ]
    t.equal(
      (await helper.browser.request('DELETE', `/admin/users/${laptop.user.id}/sessions`)).status,
      204,
    )
    const here = await signIn(service, 'ann', 'here')
    const timelineOf = async () => (await here.browser.get('/me/timeline')).body.events
    t.match((await timelineOf()).at(-4), { by: { user: 'helper' } })

    const leave = (browser: typeof here.browser, password: string) =>
      browser.request('DELETE', '/me', { currentPassword: password })
    t.match(await leave(helper.browser, 'not the password'), { status: 401 })
    const left = await leave(helper.browser, PASSWORD)
    t.equal(left.status, 204)
    t.equal(helper.browser.jar.get('oneseat'), undefined)
    t.equal(await standing(helper), 'unauthenticated')
    const told = (await timelineOf()).find(({ by }: { by: unknown }) => by !== null)
    t.match(told, { by: { user: 'deleted user' } })
    t.match(await service.browser().login('helper'), {
      status: 401,
      body: { code: 'invalid_credentials' },
    })

    t.match(await leave(admin.browser, PASSWORD), { status: 409, body: { code: 'last_admin' } })
    t.match(await admin.browser.request('DELETE', `/admin/users/${admin.user.id}`), { status: 409 })
    t.equal(await standing(admin), '200')

    const idle = await signIn(service, 'ann', 'idle')
    await idle.browser.login('ann', { password: 'not the password' })
    service.advance(31 * 60_000) // nobody has noticed that these sessions have expired
    t.equal((await admin.browser.login('root')).status, 200)
    t.equal((await admin.browser.request('DELETE', `/admin/users/${here.user.id}`)).status, 204)
    await service.parts.timeline.flush()
    for (const device of [here]) t.equal(await standing(device), 'user_deleted')
    t.equal(await standing(phone), 'user_deleted', 'also one that had ended before')
    t.match(await admin.browser.request('DELETE', `/admin/users/${here.user.id}`), { status: 404 })
    t.match(await admin.browser.get(`/admin/users/${here.user.id}/timeline`), { status: 404 })
    const register = (username: string) =>
      service.browser().post('/register', { username, password: PASSWORD })
    for (const name of ['ann', 'Ann', 'helper'])
      t.match(await register(name), { status: 409, body: { code: 'username_taken' } }, name)
    const bob = await join(service, 'bob')
    t.match(await bob.browser.request('PATCH', '/me', { username: 'ann', currentPassword }), {
      status: 409,
    })
    t.strictSame(await service.parts.accounts.findTaken(['ann', 'carl']), ['ann'])
    const queries = queriesFor(service.engines.db)
    const rows = await service.engines.db.run(
      queries.selectFrom('oneseat_timeline').selectAll().where('user_id', '=', here.user.id),
    )
    t.match(rows, [{ type: 'user_deleted', ip: null, device: null, session_id: null }])
    await service.engines.db.run(
      queries
        .updateTable('oneseat_held_names')
        .set({ until: sql<number>`${service.engines.db.now} - 1` }),
    )
    t.equal((await register('ann')).status, 201, 'after thirty days')
    t.ok((await service.parts.accounts.forgetSome(10)) > 0)
  })

  t.test(`all that is kept of somebody [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const ann = await join(service, 'ann', ['editor'])
    await giveAddress(service, 'ann', 'ann@example.org')
    await ann.browser.request('PATCH', '/me', { email: 'new@example.org', currentPassword })
    const { status, body } = await ann.browser.get('/me/export')
    t.equal(status, 200)
    t.match(body, {
      user: { id: ann.user.id, username: 'ann', roles: ['editor'], email: 'ann@example.org' },
      sessions: [{ id: ann.session.id, ip: '127.0.0.1', current: true }],
      links: [{ purpose: 'confirm', email: 'new@example.org' }],
    })
    t.match(body.events.at(-1), { type: 'registered' })
    t.notMatch(JSON.stringify(body), /argon2|secret|hash/i)
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    t.ok(ajv.validate(Export, body), ajv.errorsText())
  })
}

for (const engine of ENGINES) {
  t.test(`addresses as browsers take them, and nothing else [${engine}]`, async (t) => {
    const service = await startService(t, engine, { env: { THROTTLE: 'off' } })
    const ann = await join(service, 'ann')
    const change = (email: unknown) => ann.browser.request('PATCH', '/me', { email, currentPassword })
    const long = `${'a'.repeat(64)}@${['b', 'c', 'd'].map((s) => s.repeat(60)).join('.')}.org`
    for (const email of [
      "o'neill+tag@example.org",
      'a@b',
      'a.b@xn--bcher-kva.example',
      long.slice(-254),
    ])
      t.match(await change(email), { status: 200 }, email)
    const newline = '\n'
    for (const email of [
      ...['', 'ann', '@example.org', 'ann@', 'ann@-x.org', 'ann @example.org', 'ann@example..org'],
      ...[
        `ann@example.org${newline}Bcc: eve@example.org`,
        `ann@example.org${newline}`,
        `${newline}a@b.c`,
      ],
      ...['ann@example.org, eve@example.org', '<ann@example.org>', 'ann@exämple.org', 'änn@example.org'],
      ...[`${'a'.repeat(243)}@example.org`, 7, ['ann@example.org'], {}],
    ])
      t.match(await change(email), { status: 400, body: { code: 'invalid_request' } }, String(email))
    t.match(
      await ann.browser.request('PATCH', '/me', { currentPassword }),
      { status: 400 },
      'nothing to do',
    )
    t.match(
      await ann.browser.request('PATCH', '/me', { email: 'a@b.c' }),
      { status: 400 },
      'no password',
    )
  })
}

for (const engine of ENGINES) {
  t.test(`nobody can be buried in confirmations [${engine}]`, async (t) => {
    const mails = await startMailServer(t)
    const env = { MAIL_URL: mails.url, MAIL_FROM: 'seats@example.org' }
    const service = await startService(t, engine, { env })
    const ann = await join(service, 'ann')
    const change = () =>
      ann.browser.request('PATCH', '/me', { email: 'Victim@example.org', currentPassword })
    for (let i = 0; i < 3; i++) t.equal((await change()).status, 200)
    t.match(await change(), { status: 429, headers: new Headers({}) })
    const body = { username: 'bob', password: PASSWORD, email: 'victim@example.org' }
    t.equal(
      (await service.browser().post('/register', body)).status,
      201,
      'the account is made all the same',
    )
    await mails.newest('Victim@example.org', 3)
    const other = { username: 'carl', password: PASSWORD, email: 'carl@example.org' }
    t.equal((await service.browser().post('/register', other)).status, 201)
    const mail = await mails.newest('carl@example.org')
    t.equal(mails.received.filter(({ to }) => /victim/i.test(to)).length, 3)
    const token = /^[\w-]{43}$/m.exec(mail.text)?.[0]
    t.equal((await service.browser().post('/email/confirm', { token })).status, 204)
    t.match(await service.browser().login('carl'), { body: { user: { email: 'carl@example.org' } } })
  })
}

for (const engine of ENGINES) {
  t.test(`a confirmation is void once the password has changed [${engine}]`, async (t) => {
    const { mails, service } = await startWithMails(t, engine)
    const ann = await join(service, 'ann')
    await ann.browser.request('PATCH', '/me', { email: 'ann@example.org', currentPassword })
    const token = tokenIn(await mails.newest('ann@example.org'))
    const body = { currentPassword, newPassword: 'another test, another secret' }
    t.equal((await ann.browser.request('PUT', '/me/password', body)).status, 204)
    t.match(await service.browser().post('/email/confirm', { token }), { status: 410 })
    t.match(await service.browser().post('/email/confirm', { token: 'x' }), { status: 410 })
  })
}

for (const engine of ENGINES) {
  t.test(`what is cut off after SQL has it reaches the sessions by itself [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const ann = await join(service, 'ann')
    await makeUser(service, 'bob')
    const { token } = await issue(service, 'bob')
    const bob = await signIn(service, 'bob')
    let isCut = true
    service.watched.around = (call, work) =>
      isCut && call === 'store.swap' ? Promise.reject(storeUnavailable()) : work()
    t.equal((await ann.browser.request('DELETE', '/me', { currentPassword })).status, 503)
    const newPassword = 'another test, another secret'
    t.equal((await service.browser().post('/password/reset', { token, newPassword })).status, 503)
    isCut = false
    await until(async () => (await standing(ann)) === 'user_deleted')
    await until(async () => (await standing(bob)) === 'password_changed')
    t.equal(await service.parts.accounts.findByUsername('ann'), null)
    t.equal((await service.browser().login('bob', { password: newPassword })).status, 200)
  })
}

t.test('while Redis is away nothing is half done', async (t) => {
  const service = await startService(t, 'redis')
  await makeUser(service, 'ann')
  const { token } = await issue(service, 'ann')
  await changeUser(service, 'ann', { mustChangePassword: false })
  const ann = await signIn(service, 'ann')
  await service.redis?.stop()
  const away = { status: 503, body: { code: 'store_unavailable' } }
  t.match(await ann.browser.request('DELETE', '/me', { currentPassword }), away)
  t.match(
    await service.browser().post('/password/reset', { token, newPassword: 'another one, and longer' }),
    away,
  )
  const account = await service.parts.accounts.findByUsername('ann')
  t.ok(account, 'the account is there')
  t.ok(await service.parts.accounts.listTokens(account?.id ?? ''), 'and so is the link')
  await t.rejects(service.parts.remove(account ?? never(), { reqId: null, by: null }))
  t.ok(await service.parts.accounts.findByUsername('ann'))
})

async function issue({ parts }: Awaited<ReturnType<typeof startService>>, name: string) {
  const account = await parts.accounts.findByUsername(name)
  return parts.resets.issue(account ?? never(), '{}')
}

function never(): never {
  throw new Error('there is no such account')
}

for (const engine of ENGINES) {
  t.test(
    `a password that was changed meanwhile opens nothing that is under way [${engine}]`,
    async (t) => {
      const { service } = await startWithMails(t, engine)
      const newPassword = 'another test, another secret'

      /** Somebody's request, while its password is changed just after it was read to be verified. */
      async function underWay(name: string, method: string, body: object): Promise<Answer> {
        await makeUser(service, name)
        const { token } = await issue(service, name)
        await changeUser(service, name, { mustChangePassword: false })
        const { browser } = await signIn(service, name)
        service.watched.around = async (call, work) => {
          const read = await work()
          if (call !== 'accounts.findByUsername') return read
          service.watched.around = (_call, others) => others()
          const reset = await service.browser().post('/password/reset', { token, newPassword })
          t.equal(reset.status, 204)
          return read
        }
        return browser.request(method, '/me', { currentPassword, ...body })
      }

      const refused = { status: 401, body: { code: 'invalid_credentials' } }
      t.match(await underWay('ann', 'DELETE', {}), refused)
      t.match(await underWay('bob', 'PATCH', { username: 'robbed' }), refused)
      for (const name of ['ann', 'bob'])
        t.equal((await service.browser().login(name, { password: newPassword })).status, 200, name)

      t.match(await underWay('cid', 'PATCH', { email: 'thief@example.org' }), refused)
      const cid = await service.browser().login('cid', { password: newPassword })
      t.notOk('email' in cid.body.user)
    },
  )
}

t.test(
  'of those who ask again and again for all that is kept of them one is answered at a time',
  async (t) => {
    const service = await startService(t, 'sqlite')
    const ann = await join(service, 'ann')
    const bob = await join(service, 'bob')
    let goOn = () => {}
    const held = new Promise<void>((done) => {
      goOn = done
    })
    service.watched.around = async (call, work) => {
      if (call === 'accounts.listTokens') await held
      return work()
    }
    const first = ann.browser.get('/me/export')
    await until(() => service.watched.calls.includes('accounts.listTokens'))
    t.match(await ann.browser.get('/me/export'), { status: 503, body: { code: 'overloaded' } })
    const other = bob.browser.get('/me/export')
    goOn()
    for (const each of [first, other]) t.equal((await each).status, 200)
    t.equal((await ann.browser.get('/me/export')).status, 200)
  },
)

t.test('an export whose reader goes away, at any moment, keeps the next from nobody', async (t) => {
  const service = await startService(t, 'sqlite')
  const ann = await join(service, 'ann')
  for (const call of ['store.read', 'accounts.listTokens'] as const) {
    const latch = closedLatch()
    service.watched.around = async (each, work) => {
      if (each === call) await latch.pass()
      return work()
    }
    const accepted = once(service.app.server, 'connection')
    const socket = await openSocket(service.url)
    socket.write(request('GET /me/export', [`Cookie: ${ann.browser.cookie}`]))
    await latch.arrived
    socket.resetAndDestroy()
    const [there] = (await accepted) as [Socket]
    await until(() => there.closed)
    latch.open()
    await until(async () => (await ann.browser.get('/me/export')).status === 200)
  }
})

for (const engine of ENGINES) {
  t.test(`of the same request twice at once none is told of a wrong password [${engine}]`, async (t) => {
    const service = await startService(t, engine)

    /** Sends a request, and the same once more in the middle of it: when it has read the record so many times. */
    async function twice(name: string, reads: number, method: string, body: object) {
      const { browser } = await join(service, name)
      const { accounts } = service.parts
      const id = (await accounts.findByUsername(name))?.id ?? never()
      const send = () => browser.request(method, '/me', { currentPassword, ...body })
      let other: Answer | null = null
      let left = reads
      service.watched.around = async (call, work) => {
        const done = await work()
        if (call !== 'store.read' || --left > 0) return done
        service.watched.around = (_call, others) => others()
        other = await send()
        return done
      }
      const one = await send()
      const { timeline } = service.parts
      await timeline.flush()
      const events = (await timeline.list(id, { before: null, limit: 9 })).map(({ type }) => type)
      return { answers: [other, one], events }
    }

    const renamed = await twice('ann', 1, 'PATCH', { username: 'anna' })
    t.match(renamed.answers, [{ status: 200 }, { status: 200, body: { user: { username: 'anna' } } }])
    t.strictSame(renamed.events, ['username_changed', 'login', 'registered'])
    const gone = [{ status: 204 }, { status: 401, body: { code: 'user_deleted' } }]
    // The second time is when the password has been verified.
    for (const [name, reads] of Object.entries({ bob: 1, cid: 2 })) {
      const left = await twice(name, reads, 'DELETE', {})
      t.match(left.answers, gone, name)
      t.strictSame(left.events, ['user_deleted'], name)
    }
  })

  t.test(`a new name and a new address are one change [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const { db } = service.engines
    const ann = await join(service, 'ann')
    await db.run({
      compile: () => sql`alter table oneseat_tokens rename to gone`.compile(queriesFor(db)),
    })
    const wish = { username: 'anna', email: 'ann@example.org', currentPassword }
    t.match(await ann.browser.request('PATCH', '/me', wish), { status: 503 })
    t.equal((await ann.browser.get('/me')).body.user.username, 'ann')
  })
}

/** A service that sends the links of confirmations, and the server that gets its mails. */
async function startWithMails(t: Test, engine: EngineName) {
  const mails = await startMailServer(t)
  const env = { MAIL_URL: mails.url, MAIL_FROM: 'seats@example.org', CONFIRM_URL: PAGE }
  return { mails, service: await startService(t, engine, { env }) }
}
