import t from 'tap'
import type { SignedIn } from '../../schemas/session.ts'
import { sessionState } from '../../src/client/session-state.ts'
import type { SignedOut } from '../../src/client/signed-out.ts'

const ANN = { user: { username: 'ann' }, session: { id: 's1' } } as SignedIn
const REVOKED: SignedOut = { code: 'session_revoked', message: 'Revoked.' }
const NOBODY: SignedOut = { code: 'unauthenticated', message: 'Nobody.' }
const turn = () => new Promise((done) => setImmediate(done))

t.test('listeners are told once of an end, and again of the end of the next session', async (t) => {
  const state = sessionState()
  const told: string[] = []
  const stop = state.listen(({ code }) => told.push(code))
  state.signIn(ANN)
  state.end(REVOKED)
  state.end(REVOKED)
  await turn()
  t.strictSame(told, ['session_revoked'])
  t.strictSame(state.get(), { status: 'signed-out', reason: REVOKED })
  state.signIn(ANN)
  state.end(NOBODY)
  await turn()
  t.strictSame(told, ['session_revoked', 'unauthenticated'])
  stop()
  state.signIn(ANN)
  state.end(REVOKED)
  await turn()
  t.equal(told.length, 2)
})

t.test('a page that nobody was signed in at has nothing to tell', async (t) => {
  const state = sessionState()
  state.listen(() => t.fail('told'))
  state.end(NOBODY)
  await turn()
  t.strictSame(state.get(), { status: 'signed-out', reason: null })
})

t.test('who leaves is told nothing', async (t) => {
  const state = sessionState()
  state.listen(() => t.fail('told'))
  state.signIn(ANN)
  state.leave()
  await turn()
  t.strictSame(state.get(), { status: 'signed-out', reason: null })
})

t.test('watchers see every change, and the same object until there is one', async (t) => {
  const state = sessionState()
  let changes = 0
  const stop = state.watch(() => changes++)
  t.ok(state.isWatched())
  state.announce({ code: 'session_idle', at: 'soon' })
  t.equal(changes, 0, 'nobody is signed in')
  state.signIn(ANN)
  t.equal(state.get(), state.get())
  state.announce({ code: 'session_idle', at: 'soon' })
  t.match(state.get(), { status: 'signed-in', ending: { at: 'soon' }, ...ANN })
  stop()
  state.leave()
  t.equal(changes, 2)
  t.notOk(state.isWatched())
})
