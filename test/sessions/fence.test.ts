import t, { type Test } from 'tap'
import { queriesFor } from '../../src/database/tables.ts'
import { storeUnavailable } from '../../src/sessions/refusal.ts'
import type { Claimed } from '../../src/sessions/sessions.ts'
import type { SessionStore } from '../../src/sessions/store.ts'
import { openSessionStores } from '../support/session-stores.ts'
import { ABSOLUTE, keyOf, MINUTE, Scene, stateOf } from './scene.ts'

// What a store may do that loses writes: here it is SQLite, which loses nothing, with a history that the test changes.

t.test('a restart with all the data costs nobody their session', async (t) => {
  const { scene, failover } = await open(t)
  const claimed = await scene.login()
  failover()
  t.equal(stateOf(await scene.find(claimed)), 'live')
  scene.calls.length = 0
  await scene.find(claimed)
  t.strictSame(scene.calls, ['read'], 'it was confirmed once')
})

t.test('an older state after a failover revives nobody, and says so honestly', async (t) => {
  const { scene, failover } = await open(t)
  const laptop = await scene.login()
  const before = await scene.text()
  const phone = await scene.login()
  failover(before)
  t.equal(stateOf(await scene.find(laptop)), 'session_lost')
  t.equal(stateOf(await scene.find(phone)), 'unknown')
  t.match(await scene.login(), { session: { epoch: 4 } }, 'that they were lost has a number')
})

t.test('what was lost stays lost, also when the first server leads again', async (t) => {
  const { scene, failover, back } = await open(t)
  const laptop = await scene.login()
  const first = await scene.text()
  await scene.here.update(scene.user.handle, scene.change({ roles: ['a'] }))
  const second = await scene.text()
  failover(first)
  t.equal(stateOf(await scene.find(laptop)), 'session_lost')
  back(second)
  t.equal(stateOf(await scene.find(laptop)), 'session_lost')
})

t.test(
  'a session that was replaced while another server led is out when the first leads again',
  async (t) => {
    const { scene, failover, back } = await open(t)
    const laptop = await scene.login()
    const before = await scene.text()
    failover()
    const phone = await scene.login()
    back(before)
    t.equal(stateOf(await scene.find(laptop)), 'session_lost')
    t.equal(stateOf(await scene.find(phone)), 'unknown')
  },
)

t.test('an older state under the same history is found out at the next touch', async (t) => {
  const { scene } = await open(t)
  const laptop = await scene.login()
  const before = await scene.text()
  await scene.login()
  await scene.overwrite(before)
  const found = await scene.find(laptop)
  t.equal(stateOf(found), 'live', 'nothing shows it yet')
  scene.advance(MINUTE)
  t.equal(stateOf(await scene.here.extend(await scene.live(laptop))), 'session_lost')
  t.equal(stateOf(await scene.find(laptop)), 'session_lost')
})

t.test('a change of roles does not hide what was lost before it', async (t) => {
  const { scene } = await open(t, 2)
  const [laptop, other] = [await scene.login(), await scene.login()]
  const before = await scene.text()
  await scene.here.release(keyOf(laptop), 'logged_out')
  await scene.overwrite(before)
  await scene.here.update(scene.user.handle, scene.change({ roles: ['a'] }))
  t.equal(stateOf(await scene.find(laptop)), 'session_lost')
  t.equal(stateOf(await scene.find(other)), 'session_lost')
})

t.test('a swap is refused under another history than its value was read under', async (t) => {
  const { scene, failover } = await open(t)
  const laptop = await scene.login()
  const before = await scene.text()
  const { reached, release } = scene.hold('swap', 'before')
  const roles = scene.here.update(scene.user.handle, scene.change({ roles: ['a'] }))
  await reached
  const phone = await scene.login({}, scene.there)
  failover(before)
  release()
  await roles
  t.equal(stateOf(await scene.find(laptop)), 'session_lost')
  t.not(stateOf(await scene.find(phone)), 'live')
})

t.test('SQL that went back is brought forward, and ends what it is told to end', async (t) => {
  for (const [set, reason] of [
    [{ disabled: true }, 'user_disabled'],
    [{ credential: true }, 'password_changed'],
  ] as const) {
    const { scene, sqlBack } = await open(t, 3)
    const claimed = [await scene.login(), await scene.login(), await scene.login()]
    await sqlBack(1)
    await scene.here.update(scene.user.handle, scene.change(set))
    for (const each of claimed) t.equal(stateOf(await scene.find(each)), reason)
  }
})

t.test('SQL that went back is brought forward at the next touch, and after a restart', async (t) => {
  for (const isRestarted of [false, true]) {
    const { scene, sqlBack, failover } = await open(t)
    await scene.login()
    const claimed = await scene.login()
    await sqlBack(1)
    if (isRestarted) failover()
    scene.advance(MINUTE)
    t.equal(stateOf(await scene.here.extend(await scene.live(claimed))), 'live')
    const user = await scene.stores.numbers.find({ handle: scene.user.handle })
    t.ok((user?.number ?? 0) >= 2)
    t.match(await scene.login(), { replaced: [{ id: claimed.session.id }] })
  }
})

t.test('a change that was cut off is completed by whoever finds it, and costs no session', async (t) => {
  const { scene, failover } = await open(t)
  const claimed = await scene.login()
  await scene.changeInSql({ roles: ['editor'] })
  failover()
  t.match(await scene.find(claimed), { state: 'live', user: { roles: ['editor'] } })
})

t.test('a login that was cut off costs no session under the same history', async (t) => {
  const { scene } = await open(t)
  const claimed = await scene.login()
  scene.break(['swap'])
  await t.rejects(scene.login(), { code: 'store_unavailable' })
  scene.mend()
  scene.advance(MINUTE)
  t.equal(
    stateOf(await scene.here.extend(await scene.live(claimed))),
    'live',
    'while it may still be under way',
  )
  await scene.completeLater()
  t.equal(stateOf(await scene.here.extend(await scene.live(claimed))), 'live')
  t.strictSame(scene.closed.at(-1)?.did, null)
})

t.test('after a restart it does, and the reason is an honest one', async (t) => {
  const { scene, failover } = await open(t)
  const claimed = await scene.login()
  scene.break(['swap'])
  await t.rejects(scene.login(), { code: 'store_unavailable' })
  scene.mend()
  failover()
  t.equal(stateOf(await scene.find(claimed)), 'session_lost')
})

t.test('a login that was swapped and not closed is told of by whoever finds it', async (t) => {
  const { scene } = await open(t)
  const old = await scene.login()
  scene.break(['close'])
  await t.rejects(scene.login({ note: 'a note' }), { code: 'store_unavailable' })
  scene.mend()
  await scene.completeLater()
  t.match(scene.closed.at(-1), {
    note: 'a note',
    did: { started: {}, ended: [{ id: old.session.id, reason: 'session_replaced' }] },
  })
})

t.test('a login that was done, and ended by no other login, signs in', async (t) => {
  const { scene } = await open(t)
  revokeAfterSwap(scene)
  t.equal(stateOf(await scene.find(await scene.login())), 'live')
})

t.test(
  'one that may come again is answered the same, and its session is told why it ended',
  async (t) => {
    const { scene } = await open(t)
    const identity = { id: 'thesame', secret: 's'.repeat(43) }
    revokeAfterSwap(scene)
    for (const _ of ['once', 'again']) {
      const claimed = await scene.login({ identity })
      t.match(claimed, { session: { id: 'thesame' }, replaced: [] })
      t.equal(stateOf(await scene.find(claimed)), 'session_revoked')
    }
    await scene.login()
    t.equal(stateOf(await scene.find(await scene.login({ identity }))), 'session_revoked')
  },
)

t.test('a first login beside a change signs in, though it may come again', async (t) => {
  for (const more of [{}, { identity: { id: 'thesame', secret: 's'.repeat(43) } }]) {
    const { scene } = await open(t)
    scene.around = async (call, work) => {
      if (call !== 'swap') return work()
      scene.mend()
      await scene.here.update(scene.user.handle, scene.change({ roles: ['editor'] }))
      return work()
    }
    const claimed = await scene.login(more)
    t.match(await scene.find(claimed), { state: 'live', user: { roles: ['editor'] } })
  }
})

t.test(
  'one that was replaced, and lost with all the rest, is made once more: it is the later one',
  async (t) => {
    const { scene } = await open(t)
    const others: Claimed[] = []
    scene.around = async (call, work) => {
      const done = await work()
      if (call !== 'swap') return done
      scene.mend()
      others.push(await scene.login())
      await scene.overwrite('evicted')
      return done
    }
    const claimed = await scene.login({ identity: { id: 'thesame', secret: 's'.repeat(43) } })
    t.match(others, [{ replaced: [{ id: 'thesame' }] }])
    t.equal(stateOf(await scene.find(claimed)), 'live')
    t.ok(claimed.session.epoch > (others[0]?.session.epoch ?? 0))
    t.not(stateOf(await scene.find(others[0] ?? null)), 'live')
  },
)

/** The next swap is done, and said not to be, as when a command is sent again because its answer was lost; all is revoked then. */
function revokeAfterSwap(scene: Scene): void {
  scene.around = async (call, work) => {
    const done = await work()
    if (call !== 'swap') return done
    scene.mend()
    await scene.here.revoke(scene.user.handle, null, 'session_revoked')
    return false as typeof done
  }
}

t.test('what is told late is told of the time when it was done', async (t) => {
  for (const since of ['it lives', 'it has ended']) {
    const { scene } = await open(t)
    const old = await scene.login()
    scene.break(['close'])
    await t.rejects(scene.login(), { code: 'store_unavailable' })
    scene.mend()
    const [session] = await scene.here.list(scene.user.handle)
    const at = session?.createdAt
    if (since === 'it has ended') {
      scene.advance(MINUTE)
      await scene.login()
    }
    await scene.completeLater()
    const told = scene.closed.find(({ did }) => did?.started?.id === session?.id)
    t.match(told, { did: { at, ended: [{ id: old.session.id, at }] } }, since)
  }
})

t.test('while SQL is away sessions continue, and none is extended', async (t) => {
  const { scene } = await open(t)
  const claimed = await scene.login()
  scene.advance(MINUTE)
  scene.break(['find', 'raise', 'openOf'])
  const found = await scene.live(claimed)
  t.equal(stateOf(await scene.here.extend(found)), 'live')
  t.notOk(scene.here.isDue(found), 'the next request does not wait for SQL again')
  t.match(await scene.live(claimed), { session: { lastSeenAt: claimed.session.lastSeenAt } })
})

t.test(
  'where Redis does not answer, nobody is let in as if the session had been extended',
  async (t) => {
    const { scene } = await open(t)
    const claimed = await scene.login()
    scene.advance(MINUTE)
    await scene.changeInSql({ roles: ['editor'] }) // so that the record is behind, and has to be changed first
    const found = await scene.live(claimed)
    scene.around = async (call, work) => {
      if (call === 'swap') throw storeUnavailable(new Error('away, for a test'), 'Redis')
      return work()
    }
    await t.rejects(scene.here.extend(found), { code: 'store_unavailable', server: 'Redis' })
  },
)

t.test('no number is raised under a history that was left meanwhile', async (t) => {
  const works: Record<string, (scene: Scene, claimed: Claimed) => Promise<unknown>> = {
    'a login': (scene) => scene.login(),
    'other roles': (scene) => {
      const change = scene.change({ roles: ['a'] })
      return scene.here.update(scene.user.handle, (raise) => scene.around('raise', () => change(raise)))
    },
    'a logout': (scene, claimed) => scene.here.release(keyOf(claimed), 'logged_out'),
  }
  for (const [what, work] of Object.entries(works)) {
    const { scene, failover } = await open(t)
    const claimed = await scene.login()
    const { reached, release } = scene.hold('raise', 'before')
    const working = work(scene, claimed)
    await reached
    failover()
    t.equal(stateOf(await scene.find(claimed, scene.there)), 'live', what)
    release()
    t.ok(await working, what)
    t.equal(stateOf(await scene.find(claimed)) === 'live', what === 'other roles', what)
  }
})

t.test('nor is the number of what was lost', async (t) => {
  const { scene, failover } = await open(t)
  const laptop = await scene.login()
  const before = await scene.text()
  await scene.login()
  failover(before)
  const { reached, release } = scene.hold('raise', 'before')
  const found = scene.find(laptop)
  await reached
  failover()
  t.equal(stateOf(await scene.find(laptop, scene.there)), 'session_lost')
  release()
  t.equal(stateOf(await found), 'session_lost')
})

t.test('a login finds out what was lost before it', async (t) => {
  const { scene } = await open(t, 3)
  const [laptop, other] = [await scene.login(), await scene.login()]
  const before = await scene.text()
  await scene.here.release(keyOf(laptop), 'logged_out')
  await scene.overwrite(before)
  const phone = await scene.login()
  for (const lost of [laptop, other]) t.equal(stateOf(await scene.find(lost)), 'session_lost')
  t.equal(stateOf(await scene.find(phone)), 'live')
})

t.test('what was lost cannot be written down: a 503, and not for ever', async (t) => {
  const { scene, lock } = await open(t, 2)
  const [laptop, other] = [await scene.login(), await scene.login()]
  const before = await scene.text()
  await scene.here.release(keyOf(laptop), 'logged_out')
  await scene.overwrite(before)
  lock()
  scene.calls.length = 0
  await t.rejects(scene.here.release(keyOf(other), 'logged_out'), { code: 'store_unavailable' })
  t.ok(scene.calls.length < 1_000)
})

t.test('what is tried again has a bound, and then is a 503', async (t) => {
  const { scene, lock } = await open(t)
  const claimed = await scene.login()
  const live = await scene.live(claimed)
  scene.advance(MINUTE)
  lock()
  const works: Record<string, () => Promise<unknown>> = {
    'a login': () => scene.login(),
    'a logout': () => scene.here.release(keyOf(claimed), 'logged_out'),
    'a touch': () => scene.here.extend(live),
    'a list of what has expired': () => {
      scene.advance(ABSOLUTE)
      return scene.here.list(scene.user.handle)
    },
  }
  for (const [what, work] of Object.entries(works)) {
    scene.calls.length = 0
    await t.rejects(work(), { code: 'store_unavailable' }, what)
    t.ok(scene.calls.length < 1_000, `${what}: ${scene.calls.length} calls`)
  }
})

/** Stores whose history changes when the test says so. */
async function open(t: Test, limit = 1) {
  const stores = await openSessionStores(t, 'sqlite')
  let [history, parent, count] = ['A', '', 0]
  let isLocked = false
  const inner = stores.store
  const store: SessionStore = {
    ...inner,
    histories: 'one',
    read: async (handle) => ({ ...(await inner.read(handle)), history, parent }),
    swap: async (handle, from, ...to) =>
      !isLocked && from.history === history && inner.swap(handle, from, ...to),
  }
  const scene = await Scene.open({ ...stores, store }, { limit })
  const put = async (text: string | undefined) => {
    if (text !== undefined) await scene.overwrite(text)
  }
  return {
    scene,
    /** Another server leads, with this record. It is the same for `here` and `there`. */
    failover: (text?: string) => {
      const [from] = [history]
      history = `failover ${++count}`
      parent = from
      void put(text)
    },
    /** The first server leads again, with what it had. */
    back: (text: string) => {
      history = 'A'
      parent = ''
      void put(text)
    },
    /** From now on somebody else is always faster. */
    lock: () => {
      isLocked = true
    },
    sqlBack: async (number: number) => {
      const { handle } = scene.user
      await stores.db.run(
        queriesFor(stores.db).updateTable('oneseat_users').set({ number }).where('handle', '=', handle),
      )
    },
  }
}
