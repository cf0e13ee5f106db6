import t, { type Test } from 'tap'
import { PASSWORD } from '../support/browser.ts'
import { join, makeUser, type SignedIn, signIn, standing } from '../support/people.ts'
import { ENGINES, type Service, startService } from '../support/service.ts'

for (const engine of ENGINES) {
  t.test(engine, async (t) => {
    const service = await startService(t, engine, { env: { SIGNUP: 'closed' } })
    const root = await join(service, 'root', ['admin'])

    t.test('only an administrator gets in, and roles decide that anew at every request', async (t) => {
      const ann = await join(service, 'ann', ['editor'])
      t.match(await service.browser().get('/admin/users'), {
        status: 401,
        body: { code: 'unauthenticated' },
      })
      t.match(await ann.browser.get('/admin/users'), { status: 403, body: { code: 'forbidden' } })
      await patch(root, ann, { roles: ['admin'] })
      t.equal((await ann.browser.get('/admin/users')).status, 200)
      await patch(root, ann, { roles: [] })
      t.equal((await ann.browser.get('/admin/users')).status, 403)
      t.equal(await standing(ann), '200', 'another role signs nobody out')
      t.strictSame((await ann.browser.get('/me')).body.user.roles, [])
    })

    t.test('users by name, page by page, searched by any part, never with a hash', async (t) => {
      for (const name of ['list-1', 'list-2', 'list-3', 'list_4', 'list%5'])
        await makeUser(service, name)
      t.strictSame(await names(root, 'search=LIST-'), ['list-1', 'list-2', 'list-3'])
      t.strictSame(await names(root, 'search=t_'), ['list_4'], 'a search is no pattern')
      t.strictSame(await names(root, 'search=%25'), ['list%5'])
      t.strictSame(await names(root, 'search=nobody-at-all'), [])
      const seen: string[] = []
      for (let after: string | null = ''; after !== null; ) {
        const query: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`
        const { body } = await root.browser.get(`/admin/users?limit=2&search=list${query}`)
        t.ok(body.users.length <= 2)
        seen.push(...body.users.map(({ username }: { username: string }) => username))
        after = body.next
      }
      t.strictSame(seen, ['list%5', 'list-1', 'list-2', 'list-3', 'list_4'])
      const { body } = await root.browser.get('/admin/users?search=root')
      t.strictSame(Object.keys(body.users[0]).sort(), USER_FIELDS)
      t.ok(Date.parse(body.users[0].lastLoginAt) > 0)
      t.notMatch(JSON.stringify(body), /argon2|hash/)
    })

    t.test('a change of roles leaves the name that its owner takes meanwhile', async (t) => {
      const eve = await join(service, 'eve')
      let renaming: Promise<{ status: number }> | null = null
      service.watched.around = async (call, work) => {
        const found = await work()
        if (call === 'accounts.findById' && renaming === null) {
          renaming = eve.browser.request('PATCH', '/me', {
            username: 'eva',
            currentPassword: PASSWORD,
          })
          await renaming
        }
        return found
      }
      const changed = await patch(root, eve, { roles: ['editor'] })
      service.watched.around = (_call, work) => work()
      t.equal((await (renaming as Promise<{ status: number }> | null))?.status, 200)
      t.equal(changed.status, 200)
      t.match((await eve.browser.get('/me')).body.user, { username: 'eva', roles: ['editor'] })
      t.strictSame(await names(root, 'search=eva'), ['eva'])
    })

    t.test('an administrator makes accounts, also when sign-up is closed', async (t) => {
      const wish = { username: 'Made', password: PASSWORD, roles: ['editor'] }
      const made = await root.browser.post('/admin/users', wish)
      t.match(made, { status: 201, body: { user: { username: 'made', roles: ['editor'] } } })
      t.strictSame(Object.keys(made.body.user).sort(), USER_FIELDS)
      t.match(await root.browser.post('/admin/users', wish), {
        status: 409,
        body: { code: 'username_taken' },
      })
      t.equal((await service.browser().login('made')).status, 200)
      const { events } = (await root.browser.get(`/admin/users/${made.body.user.id}/timeline`)).body
      t.match(events.at(-1), { type: 'registered', by: { user: 'root', device: null } })
    })

    t.test('what is no account or no change is refused by the name of the field', async (t) => {
      const wrong = [
        ['POST', '/admin/users', { username: 'x' }, '/password'],
        ['POST', '/admin/users', { username: 'a b', password: PASSWORD }, '/username'],
        ['POST', '/admin/users', { username: 'x', password: PASSWORD, roles: ['No'] }, '/roles/0'],
        ['POST', '/admin/users', { username: 'x', password: PASSWORD, epoch: 1 }, '/epoch'],
        ['PATCH', `/admin/users/${root.user.id}`, {}, '/'],
        ['PATCH', `/admin/users/${root.user.id}`, { roles: 'admin' }, '/roles'],
        ['PATCH', `/admin/users/${root.user.id}`, { disabled: 'true' }, '/disabled'],
        ['PATCH', `/admin/users/${root.user.id}`, { password: PASSWORD }, '/password'],
        ['PATCH', '/admin/users/%00', { roles: [] }, '/id'],
        ['DELETE', '/admin/users/a%00/sessions', undefined, '/id'],
        ['GET', '/admin/users/%00/timeline', undefined, '/id'],
        ['GET', '/admin/users?after=%00', undefined, '/after'],
        ['GET', '/admin/users?search=%00', undefined, '/search'],
        ['GET', '/admin/users?limit=0', undefined, '/limit'],
        ['GET', '/admin/users?limit=201', undefined, '/limit'],
        ['GET', '/admin/users?order=id', undefined, '/order'],
      ] as const
      for (const [method, path, body, field] of wrong) {
        const answer = await root.browser.request(method, path, body)
        t.match(answer, { status: 400, body: { code: 'invalid_request' } })
        t.equal(answer.body.errors[0].path, field)
      }
      const weak = await root.browser.post('/admin/users', { username: 'x', password: 'short' })
      t.match(weak, { status: 422, body: { code: 'password_too_short' } })
    })

    t.test(
      'a disabled user is out at once, cannot sign in, and is told no more than others',
      async (t) => {
        const bob = await join(service, 'bob')
        t.match(await patch(root, bob, { disabled: true }), {
          status: 200,
          body: { user: { disabled: true } },
        })
        t.equal(await standing(bob), 'user_disabled')
        t.match(await service.browser().login('bob'), {
          status: 401,
          body: { code: 'invalid_credentials' },
        })
        await patch(root, bob, { disabled: false })
        t.equal(await standing(bob), 'user_disabled', 'what has ended does not come back')
        const again = await signIn(service, 'bob')
        const { events } = (await again.browser.get('/me/timeline')).body
        t.match(events.slice(0, 4), [
          { type: 'login' },
          { type: 'user_enabled', by: { user: 'root' } },
          { type: 'login_failed' },
          { type: 'user_disabled', by: { user: 'root' } },
        ])
      },
    )

    t.test('only what changes is an event', async (t) => {
      const cid = await join(service, 'cid', ['editor'])
      t.equal((await patch(root, cid, { roles: ['editor'], disabled: false })).status, 200)
      await patch(root, cid, { roles: ['author'] })
      const { events } = (await cid.browser.get('/me/timeline')).body
      t.match(events, [
        { type: 'roles_changed', by: { user: 'root' } },
        { type: 'login' },
        { type: 'registered' },
      ])
      t.equal(events.length, 3)
    })

    t.test('of several who change the same at once one has changed it', async (t) => {
      const fay = await join(service, 'fay')
      for (const change of [{ roles: ['author'] }, { username: 'faye' }, { disabled: true }])
        await Promise.all([1, 2, 3, 4].map(() => patch(root, fay, change)))
      const { events } = (await root.browser.get(`/admin/users/${fay.user.id}/timeline`)).body
      const types = events.map(({ type }: { type: string }) => type)
      t.strictSame(types, ['user_disabled', 'username_changed', 'roles_changed', 'login', 'registered'])
    })

    t.test('to sign a user out ends all their sessions, and those of nobody else', async (t) => {
      const dan = await join(service, 'dan')
      t.equal((await root.browser.request('DELETE', `/admin/users/${dan.user.id}/sessions`)).status, 204)
      t.equal(await standing(dan), 'session_revoked')
      t.equal(await standing(root), '200')
      const again = await signIn(service, 'dan')
      t.match((await again.browser.get('/me/timeline')).body.events[1], {
        type: 'session_revoked',
        sessionId: dan.session.id,
        by: { user: 'root' },
      })
    })

    t.test('nobody is there: 404', async (t) => {
      for (const [method, path, body] of [
        ['PATCH', '/admin/users/nobody', { roles: [] }],
        ['DELETE', '/admin/users/nobody/sessions', undefined],
        ['GET', '/admin/users/nobody/timeline', undefined],
      ] as const) {
        t.match(await root.browser.request(method, path, body), {
          status: 404,
          body: { code: 'not_found' },
        })
      }
    })

    t.test('what an administrator does to a user takes none of their seats', async (t) => {
      const eve = await join(service, 'eve')
      await patch(root, eve, { roles: ['editor'] })
      await root.browser.get(`/admin/users/${eve.user.id}/timeline`)
      t.equal(await standing(eve), '200')
      const { body } = await eve.browser.get('/me/sessions')
      t.equal(body.sessions.length, 1)
    })

    t.test('a user disabled while they sign in is not signed in afterwards', async (t) => {
      await race(t, service, root, 'disabled', { disabled: true }, async (browser) => {
        t.not(await standing({ browser }), '200')
      })
    })

    t.test('a session that begins while roles change has the new ones', async (t) => {
      await race(t, service, root, 'roles', { roles: ['editor'] }, async (browser, isIn) => {
        if (isIn) t.strictSame((await browser.get('/me')).body.user.roles, ['editor'])
      })
    })
  })

  t.test(`the last administrator stays one [${engine}]`, async (t) => {
    const service = await startService(t, engine)
    const root = await join(service, 'root', ['admin'])
    await makeUser(service, 'retired', ['admin'])
    const retired = await signIn(service, 'retired')
    await patch(root, retired, { disabled: true })
    for (const change of [{ roles: [] }, { disabled: true }, { roles: ['editor'], disabled: false }]) {
      t.match(await patch(root, root, change), { status: 409, body: { code: 'last_admin' } })
    }
    t.equal((await root.browser.get('/admin/users')).status, 200, 'and nothing has changed')
    t.equal((await patch(root, root, { roles: ['admin', 'editor'] })).status, 200)

    // Each demotes the other at the same moment: one of them is left.
    for (let round = 0; round < 5; round++) {
      const peer = await join(service, `peer-${round}`, ['admin'])
      const answers = await Promise.all([
        patch(root, peer, { roles: [] }),
        patch(peer, root, { roles: [] }),
      ])
      const left = [root, peer].filter((_, i) => answers[1 - i]?.status !== 200)
      t.ok(left.length > 0)
      const [survivor = root] = left
      t.equal((await survivor.browser.get('/admin/users')).status, 200)
      if (survivor === peer) await patch(peer, root, { roles: ['admin'] })
      await patch(root, peer, { roles: [] })
    }
  })
}

/** A change by an administrator and a login of the same user at the same moment, several times. */
async function race(
  t: Test,
  service: Service,
  root: SignedIn,
  prefix: string,
  change: object,
  check: (browser: SignedIn['browser'], isIn: boolean) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < 8; round++) {
    const user = await join(service, `${prefix}-${round}`)
    const browser = service.browser()
    const [changed, login] = await Promise.all([
      patch(root, user, change),
      browser.login(`${prefix}-${round}`),
    ])
    t.equal(changed.status, 200)
    t.ok([200, 401, 409].includes(login.status))
    await check(browser, login.status === 200)
  }
}

function patch(by: SignedIn, whom: SignedIn, change: object) {
  return by.browser.request('PATCH', `/admin/users/${whom.user.id}`, change)
}

async function names({ browser }: SignedIn, query: string): Promise<string[]> {
  const { body } = await browser.get(`/admin/users?${query}`)
  return body.users.map(({ username }: { username: string }) => username)
}

const USER_FIELDS = ['createdAt', 'disabled', 'id', 'lastLoginAt', 'roles', 'username']
