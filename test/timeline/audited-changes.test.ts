import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { queriesFor } from '../../src/database/tables.ts'
import { openAnswerTimes } from '../../src/metrics/answer-times.ts'
import { openMetrics } from '../../src/metrics/metrics.ts'
import { createSessions } from '../../src/sessions/create-sessions.ts'
import type { Changes, ClosedChange } from '../../src/sessions/numbers.ts'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import type { Claimed, Login, Sessions } from '../../src/sessions/sessions.ts'
import type { SessionKey } from '../../src/sessions/token.ts'
import { auditedChanges } from '../../src/timeline/audited-changes.ts'
import { noteOf, noteOfCommand } from '../../src/timeline/note.ts'
import { EVENT_ID, type KeptEvent } from '../../src/timeline/timeline.ts'
import { anyAccount } from '../accounts/contract.ts'
import { accountsIn } from '../support/accounts.ts'
import { ENGINES, type EngineName, REGISTERED, SECRET } from '../support/service.ts'
import { openSessionStores } from '../support/session-stores.ts'

const SECONDS_5 = 5_000
const UNAVAILABLE = { code: 'store_unavailable' }
const ADMIN = { device: null, ip: null, user: 'root' }
const REQUEST = { ip: '203.0.113.7', id: 'request-1' }
const PHONE = { name: 'phone', os: 'Android', browser: 'Firefox' }

for (const engine of ENGINES) {
  t.test(`a login is told once: who is out, and who is in [${engine}]`, async (t) => {
    const { here, login, events, account } = await open(t, engine)
    const first = await login(here, { device: PHONE, ip: '198.51.100.9' })
    const second = await login(here)
    const told = await events()
    t.match(told, [
      { type: 'login', sessionId: second.session.id, ip: '203.0.113.0/24', by: null },
      {
        ...{ type: 'session_replaced', sessionId: first.session.id, device: PHONE },
        ...{ ip: '198.51.100.0/24', at: second.session.createdAt },
        by: { device: second.session.device, ip: '203.0.113.0/24', user: null },
      },
      { type: 'login', sessionId: first.session.id, device: PHONE, ip: '198.51.100.0/24' },
      { type: 'registered' },
    ])
    t.equal(told.length, 4)
    for (const { id } of told) t.match(id, EVENT_ID)
    t.match(await account(), { lastLoginAt: second.session.createdAt })
  })

  t.test(`an ending is told once, and who was behind it [${engine}]`, async (t) => {
    const { here, login, events, handle } = await open(t, engine)
    const claimed = await login(here)
    const { key } = await liveOf(here, claimed)
    t.equal(await here.release(key, 'logged_out', noteOf(REQUEST)), true)
    t.equal(await here.release(key, 'logged_out', noteOf(REQUEST)), false)
    const other = await login(here)
    await here.revoke(handle, null, 'session_revoked', noteOf(REQUEST, { by: ADMIN }))
    await here.revoke(handle, null, 'session_revoked', noteOf(REQUEST, { by: ADMIN }))
    t.match((await events()).slice(0, 4), [
      { type: 'session_revoked', sessionId: other.session.id, by: ADMIN },
      { type: 'login', sessionId: other.session.id },
      { type: 'logged_out', sessionId: claimed.session.id, by: null },
      { type: 'login', sessionId: claimed.session.id },
    ])
    t.equal((await events()).length, 5)
  })

  t.test(`a change of the user is told, and not what it did to each session [${engine}]`, async (t) => {
    const { here, login, events, update, account } = await open(t, engine)
    await login(here)
    const loggedInAt = (await account())?.lastLoginAt
    const note = noteOf(REQUEST, { by: ADMIN })
    await update(here, { roles: ['editor'], disabled: true }, note)
    t.match((await events()).slice(0, 2), [
      { type: 'user_disabled', sessionId: null, ip: '203.0.113.0/24', by: ADMIN },
      { type: 'roles_changed', by: ADMIN },
    ])
    t.equal((await events()).length, 4)
    t.equal((await account())?.lastLoginAt, loggedInAt, 'which is no login')
    await update(here, { disabled: false }, noteOfCommand([]))
    t.match((await events())[0], { type: 'user_enabled', ip: null, by: { user: 'command line' } })
    await update(here, {}, null)
    t.equal((await events()).length, 5, 'nothing to tell')
  })

  t.test(`a login that was cut off is completed by another instance, once [${engine}]`, async (t) => {
    const { here, there, login, events, letPass, changes, userId, handle } = await open(t, engine)
    const first = await login(here)
    const late: ClosedChange[] = []
    changes.close = async (done) => {
      late.push(...done)
      throw storeUnavailable(new Error('cut off'))
    }
    await t.rejects(login(here), { code: 'store_unavailable' })
    t.equal((await events()).length, 2, 'nobody has told of it')
    t.equal(await there.completeChanges(), 0, 'it may still be under way')
    await letPass(SECONDS_5)
    const all = await Promise.all([there.completeChanges(), there.completeChanges()])
    t.ok(Math.max(...all) === 1)
    const [live] = await there.list(handle)
    const told = await events()
    t.match(told.slice(0, 2), [
      { type: 'login', sessionId: live?.id },
      { type: 'session_replaced', sessionId: first.session.id, at: live?.createdAt },
    ])
    t.ok(Math.abs((told[0]?.at ?? 0) - Number(live?.createdAt)) < 1_000, 'as of when it was')
    t.strictSame(await there.completeChanges(), 0)

    // The instance that was cut off was only slow.
    await changes.closeForReal(late)
    t.strictSame(
      (await events()).map(({ type, sessionId }) => `${type} ${sessionId}`),
      told.map(({ type, sessionId }) => `${type} ${sessionId}`),
      'it tells nothing a second time',
    )
    t.strictSame(await changes.openOf(userId), [])
  })

  t.test(`a login that was cut off before it did anything is told by nobody [${engine}]`, async (t) => {
    const { here, there, login, events, letPass, changes, userId, stores } = await open(t, engine)
    await login(here)
    stores.isCut = true
    await t.rejects(login(here), { code: 'store_unavailable' })
    stores.isCut = false
    t.equal((await changes.openOf(userId)).length, 1)
    await letPass(SECONDS_5)
    t.equal(await there.completeChanges(), 1)
    t.strictSame(await changes.openOf(userId), [])
    t.equal((await events()).length, 2)
  })

  t.test(
    `a change of the user that was cut off reaches the sessions and is told [${engine}]`,
    async (t) => {
      const { here, there, login, events, letPass, update, stores } = await open(t, engine)
      const claimed = await login(here)
      stores.isCut = true
      const note = noteOf(REQUEST, { by: ADMIN })
      await t.rejects(update(here, { disabled: true }, note), { code: 'store_unavailable' })
      stores.isCut = false
      await letPass(2_000)
      t.equal(await there.completeChanges(), 1)
      t.match(await here.find(claimed.token), { ended: { reason: 'user_disabled' } })
      t.match(await events(), [
        { type: 'user_disabled', by: ADMIN },
        { type: 'login' },
        { type: 'registered' },
      ])
    },
  )

  t.test(
    `a change of password that was cut off is told, whatever became of the sessions [${engine}]`,
    async (t) => {
      const { here, there, login, events, letPass, renew, update, stores } = await open(t, engine)
      const claimed = await login(here)
      const { key } = await liveOf(here, claimed)
      const note = noteOf(REQUEST, { events: ['password_changed'] })
      stores.isCut = true
      await t.rejects(renew(here, key, { passwordHash: 'another' }, note), UNAVAILABLE)
      await t.rejects(update(here, { roles: ['editor'] }, noteOf(REQUEST)), UNAVAILABLE)
      stores.isCut = false
      await letPass(SECONDS_5)
      await there.completeChanges()
      t.match(await here.find(claimed.token), { state: 'ended' })
      const types = (await events()).map(({ type }) => type)
      t.strictSame(types.toSorted(), ['login', 'password_changed', 'registered', 'roles_changed'])
    },
  )
}

t.test('the last login stays the last, though an earlier one is told later', async (t) => {
  const { here, there, login, letPass, changes, account } = await open(t, 'sqlite')
  const { close } = changes
  changes.close = async () => {
    throw storeUnavailable(new Error('cut off'))
  }
  await t.rejects(login(here), { code: 'store_unavailable' })
  changes.close = close
  await letPass(2_000)
  const { session } = await login(there)
  await letPass(3_000)
  t.equal(await there.completeChanges(), 1)
  t.equal((await account())?.lastLoginAt, session.createdAt)
})

for (const engine of ['sqlite', 'postgres'] as const) {
  t.test(`what cannot be told stays open, and is told later [${engine}]`, async (t) => {
    const { here, there, login, events, letPass, changes, userId, db } = await open(t, engine)
    const { schema } = queriesFor(db)
    await db.run(schema.alterTable('oneseat_timeline').renameTo('hidden'))
    await t.rejects(login(here), { code: 'store_unavailable' })
    t.equal((await changes.openOf(userId)).length, 1)
    await letPass(SECONDS_5)
    await t.rejects(there.completeChanges(), { code: 'store_unavailable' })
    await db.run(schema.alterTable('hidden').renameTo('oneseat_timeline'))
    t.equal(await there.completeChanges(), 1)
    t.match(await events(), [{ type: 'login' }, { type: 'registered' }])
  })

  t.test(`of many who close one change, one tells [${engine}]`, async (t) => {
    const { login, here, changes, events, lines, metrics } = await open(t, engine)
    const done: ClosedChange[] = []
    changes.close = async (closed) => {
      done.push(...closed)
    }
    await login(here)
    lines.length = 0
    await Promise.all([1, 2, 3, 4].map(() => changes.closeForReal(done)))
    t.match(await events(), [{ type: 'login' }, { type: 'registered' }])
    t.match(lines, [{ event: 'login', userId: done[0]?.userId }])
    t.equal(lines.length, 1)
    t.match(await metrics.text(), /oneseat_events_total\{[^}]*login[^}]*\} 1\n/)
  })
}

t.test('a record that cannot be reached keeps no other user waiting', async (t) => {
  const { here, there, login, letPass, stores, add } = await open(t, 'sqlite')
  await login(here)
  const bob = await add('bob')
  const claimed = await login(here, { userId: bob.user.id, handle: bob.user.handle })
  stores.isCut = true
  await t.rejects(login(here), { code: 'store_unavailable' })
  await t.rejects(bob.disable(here), { code: 'store_unavailable' })
  stores.isCut = false
  await letPass(SECONDS_5)
  stores.lost = stores.first
  await t.rejects(there.completeChanges(), { code: 'store_unavailable' })
  t.match(await there.find(claimed.token), { ended: { reason: 'user_disabled' } })
  stores.lost = ''
  t.equal(await there.completeChanges(), 1)
})

t.test('the log has the whole address and the request, the timeline neither', async (t) => {
  const { here, login, lines, events } = await open(t, 'sqlite')
  await login(here)
  t.strictSame(lines, [
    {
      ...{
        event: 'login',
        userId: (await events())[0]?.userId,
        sessionId: (await events())[0]?.sessionId,
      },
      ...{ ip: '203.0.113.7', by: undefined, reqId: 'request-1' },
    },
  ])
  t.notMatch(JSON.stringify(await events()), /203\.0\.113\.7|request-1/)
})

/** A user on real stores, and two instances that audit their changes. */
async function open(t: Test, engine: EngineName) {
  const { store, db } = await openSessionStores(t, engine)
  const parts = accountsIn(db)
  const { accounts, timeline } = parts
  t.teardown(() => timeline.close())
  await timeline.flush() // it may still be removing what is old
  const user = await accounts.create(anyAccount(), { ...REGISTERED, at: Date.now() - 60_000 })
  const lines: unknown[] = []
  const metrics = openMetrics({
    answerTimes: openAnswerTimes(),
    hashes: () => ({ running: 0, waiting: 0 }),
  })
  const log = { info: (line: unknown) => lines.push(line) } as never
  const audited = (): Changes => auditedChanges({ ...{ db, timeline, metrics, log }, numbers: parts })
  const own = audited()
  const changes = { ...own, closeForReal: own.close }
  const stores = { isCut: false, ahead: 0, first: user.handle, lost: '' }
  const instance = (changes: Changes): Sessions =>
    createSessions({
      store: {
        ...store,
        now: () => store.now() + stores.ahead,
        read: async (handle) => {
          if (handle === stores.lost) throw storeUnavailable(new Error('its node is lost'))
          return store.read(handle)
        },
        swap: async (...args) => {
          if (stores.isCut) throw storeUnavailable(new Error('cut off'))
          return store.swap(...args)
        },
      },
      ...{ numbers: parts.numbers, histories: parts.histories },
      changes: { ...changes, close: (done) => changes.close(done) },
      secrets: [SECRET],
      ...{ idleTimeout: 30 * 60_000, absoluteTimeout: 12 * 3_600_000 },
      policyFor: () => ({ limit: 1, onLimit: 'replace', refuseWhileSeen: 0 }),
    })
  return {
    ...{ db, stores, changes, lines, metrics, userId: user.id, handle: user.handle },
    ...{ here: instance(changes), there: instance(audited()) },
    account: () => accounts.findById(user.id),
    events: (): Promise<KeptEvent[]> => timeline.list(user.id, { before: null, limit: 99 }),
    async login(on: Sessions, more: Partial<Login> = {}): Promise<Claimed> {
      const { id: userId, handle } = user
      const device = { name: 'laptop', os: null, browser: null }
      const usual = { device, ip: '203.0.113.7', presented: null, replace: null }
      const claimed = await on.claim({ ...usual, userId, handle, note: noteOf(REQUEST), ...more })
      if (claimed.kind === 'full') throw new Error('no place is free')
      return claimed
    },
    async add(username: string) {
      const other = await accounts.create(
        { ...anyAccount(), username },
        { ...REGISTERED, at: Date.now() },
      )
      const disable = (on: Sessions) =>
        on.update(other.handle, accounts.change(other, { disabled: true }), null)
      return { user: other, disable }
    },
    renew: (
      on: Sessions,
      key: SessionKey,
      change: Parameters<typeof accounts.change>[1],
      note: string,
    ) => on.renew(key, accounts.change(user, change), note),
    update: (on: Sessions, change: Parameters<typeof accounts.change>[1], note: string | null) =>
      on.update(user.handle, accounts.change(user, change), note),
    /** Makes what is open so much older, and the store's time so much later. */
    async letPass(ms: number): Promise<void> {
      stores.ahead += ms
      await db.run(
        queriesFor(db)
          .updateTable('oneseat_changes')
          .set({ at: sql`at - ${ms}` }),
      )
    },
  }
}

async function liveOf(sessions: Sessions, { token }: Claimed) {
  const found = await sessions.find(token)
  if (found?.state !== 'live') throw new Error('it has ended')
  return found
}
