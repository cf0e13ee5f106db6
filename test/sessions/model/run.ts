import assert from 'node:assert/strict'
import type { NumberedUser } from '../../../src/sessions/numbers.ts'
import { SessionsRefusal } from '../../../src/sessions/refusal.ts'
import { compare } from './compare.ts'
import { endAll, leavingFor, liveAt, lower, type ModelSession, type ModelUser, see } from './model.ts'
import type { Step } from './steps.ts'
import type { World } from './world.ts'

/** What a browser holds: the token of its last login, and whose it is. */
type Cookie = { user: number; session: ModelSession }

/** Takes steps in the world and in the model, and throws at the first difference. */
export function walk(world: World): { take(step: Step): Promise<void>; finish(): Promise<void> } {
  const { sessions } = world
  const users: ModelUser[] = world.users.map(() => ({ roles: [], disabled: false, sessions: [] }))
  const jars = new Map<number, Cookie>()

  return {
    async take(step) {
      await act(step)
      await compare(world, users)
    },
    async finish() {
      for (const user of users.keys()) await list(user)
      const ranOut = users.flatMap((user) => user.sessions.filter(hasRunOut)).map(({ id }) => id)
      const told = world.expired.filter((id) => ranOut.includes(id))
      assert.deepEqual(told.toSorted(), ranOut.toSorted(), 'each that ran out is told once')
    },
  }

  async function act(step: Step): Promise<void> {
    switch (step.do) {
      case 'login':
        return login(step)
      case 'request':
        return withCookie(step.browser, request)
      case 'logout':
        return withCookie(step.browser, logout)
      case 'dispute':
        return withCookie(step.browser, dispute)
      case 'password':
        return withCookie(step.browser, (cookie) => changePassword(cookie, step.browser))
      case 'wait':
        return world.wait(step.ms)
      case 'revoke':
        return revoke(step.user, modelOf(step.user).sessions.at(-1 - step.pick)?.id ?? 'nobody')
      case 'revokeAll':
        return revoke(step.user, null)
      case 'list':
        return list(step.user)
      case 'staleLogin':
        return staleLogin(step.user)
      case 'roles':
        return change(step.user, { roles: step.roles })
      case 'disable':
        return change(step.user, { disabled: step.disabled })
      case 'settings':
        return changeSettings(step)
    }
  }

  async function login(step: Step & { do: 'login' }): Promise<void> {
    const user = modelOf(step.user)
    const now = world.now()
    const jar = jars.get(step.browser)
    const presented = jar === undefined ? null : jar.session.token
    const account = await world.userNow(step.user)
    const candidates = step.name === 'live' ? liveAt(user, now) : user.sessions
    const named = candidates.at(step.pick % Math.max(1, candidates.length))?.id ?? 'nobody'
    const replace = step.name === null ? null : step.name === 'nobody' ? 'nobody' : named
    const attempt = sessions.claim({ ...loginOf(account), presented, replace })
    if (user.disabled) return refused(attempt, 'user_disabled')
    const own = jar?.user === step.user && jar.session.ended === null ? jar.session : null
    const leaving = leavingFor(user, own, replace, policyOf(user), now)
    const outcome = await attempt
    if (outcome.kind === 'full' || leaving === null) {
      assert.equal(outcome.kind, 'full')
      assert.equal(leaving, null)
      return
    }
    assert.deepEqual(
      outcome.replaced.map(({ id }) => id),
      leaving.map(({ id }) => id),
    )
    assert.deepEqual(outcome.user.roles, user.roles)
    const { id } = outcome.session
    endAll(own === null ? leaving : [...leaving, own], 'session_replaced', id)
    const session = { token: outcome.token, id, createdAt: now, lastSeenAt: now, ended: null }
    user.sessions.push(session)
    jars.set(step.browser, { user: step.user, session })
  }

  async function staleLogin(index: number): Promise<void> {
    const account = await world.userNow(index)
    const stale = { ...loginOf(account), credentialNumber: account.credentialNumber - 1 }
    await refused(sessions.claim(stale), account.disabled ? 'user_disabled' : 'invalid_credentials')
  }

  /** What the guard does. */
  async function request({ user, session }: Cookie): Promise<void> {
    const now = world.now()
    if (liveAt(modelOf(user), now).includes(session)) see(session, policyOf(modelOf(user)), now)
    const found = await sessions.find(session.token)
    if (found?.state === 'live') await sessions.extend(found)
    else if (found?.stored === false) await sessions.settle(found)
  }

  async function logout({ user, session }: Cookie): Promise<void> {
    const isLive = liveAt(modelOf(user), world.now()).includes(session)
    const found = await sessions.find(session.token)
    assert.equal(found !== null && (await sessions.release(found.key, 'logged_out')), isLive)
    if (isLive) endAll([session], 'logged_out')
  }

  async function dispute({ user, session }: Cookie): Promise<void> {
    const live = liveAt(modelOf(user), world.now())
    if (session.ended?.reason !== 'session_replaced') return
    if (session.ended.isLowered === true) return // no login replaced it, so there is none to dispute
    const { by } = session.ended
    const place = modelOf(user).sessions.findIndex(({ id }) => id === by)
    const replacedAt = modelOf(user).sessions[place]?.createdAt ?? 0
    // A record knows no order of two logins of one millisecond once one of them was renewed: it takes that one for the later.
    const before = modelOf(user)
      .sessions.slice(0, place)
      .filter(({ createdAt, ended }) => createdAt < replacedAt || ended?.reason !== 'password_changed')
      .map(({ id }) => id)
    const since = modelOf(user)
      .sessions.map(({ id }) => id)
      .filter((id) => !before.includes(id))
    const isOver = modelOf(user).sessions.some(
      ({ id, ended }) => id === by && ended?.reason === 'session_disputed',
    )
    const meant = isOver ? [] : live.filter(({ id }) => since.includes(id))
    const found = await sessions.find(session.token)
    assert.equal(found?.state, 'ended')
    if (found?.state !== 'ended') return
    const frozen = await sessions.dispute(found)
    assert.deepEqual(frozen?.map(({ id }) => id).toSorted() ?? [], meant.map(({ id }) => id).toSorted())
    endAll(meant, 'session_disputed')
  }

  async function changePassword({ user, session }: Cookie, browser: number): Promise<void> {
    const live = liveAt(modelOf(user), world.now())
    const found = await sessions.find(session.token)
    if (found === null) throw new Error('it was live or has ended')
    const renewed = await sessions.renew(found.key, world.change(user, { credential: true }))
    assert.equal(renewed?.session.id, live.includes(session) ? session.id : undefined)
    endAll(live, 'password_changed')
    if (renewed === null) return
    const same = { ...session, token: renewed.token, ended: null }
    modelOf(user).sessions.push(same)
    jars.set(browser, { user, session: same })
  }

  async function revoke(index: number, id: string | null): Promise<void> {
    const live = liveAt(modelOf(index), world.now())
    const meant = live.filter((session) => id === null || session.id === id)
    const ended = await sessions.revoke(handleOf(index), id, 'session_revoked')
    assert.deepEqual(
      ended.map((session) => session.id),
      meant.map((session) => session.id),
    )
    endAll(meant, 'session_revoked')
  }

  async function list(index: number): Promise<void> {
    const live = liveAt(modelOf(index), world.now())
    const listed = await sessions.list(handleOf(index))
    assert.deepEqual(
      listed.map(({ id }) => id),
      live.map(({ id }) => id).toReversed(),
    )
    const numbers = listed.map(({ epoch }) => epoch)
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((a, b) => b - a),
      'a later login has a higher number',
    )
  }

  async function change(index: number, wish: { roles?: string[]; disabled?: boolean }): Promise<void> {
    const user = modelOf(index)
    await sessions.update(handleOf(index), world.change(index, wish))
    if (wish.roles !== undefined) user.roles = wish.roles
    if (wish.disabled !== undefined) user.disabled = wish.disabled
    lower(user, policyOf(user).limit, world.now())
    if (user.disabled) endAll(liveAt(user, world.now()), 'user_disabled')
  }

  /** As a restart with other settings would, at a moment when somebody looks at everybody's sessions. */
  async function changeSettings(step: Step & { do: 'settings' }): Promise<void> {
    for (const user of users.keys()) await list(user)
    world.configure(step)
    for (const user of users) lower(user, policyOf(user).limit, world.now())
    for (const user of users.keys()) await list(user)
  }

  async function withCookie(browser: number, use: (cookie: Cookie) => Promise<void>): Promise<void> {
    const cookie = jars.get(browser)
    if (cookie !== undefined) await use(cookie)
  }

  function modelOf(index: number): ModelUser {
    return users[index] as ModelUser
  }

  function handleOf(index: number): string {
    return world.users[index]?.handle ?? ''
  }

  function policyOf(user: ModelUser) {
    return world.policyFor(user.roles)
  }
}

function loginOf({ id, handle, credentialNumber }: NumberedUser) {
  const device = { name: null, os: null, browser: null }
  return { userId: id, handle, credentialNumber, device, ip: '::1', presented: null, replace: null }
}

async function refused(attempt: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(attempt, (error) => error instanceof SessionsRefusal && error.code === code)
}

function hasRunOut({ ended }: ModelSession): boolean {
  return ended?.reason === 'session_idle' || ended?.reason === 'session_expired'
}
