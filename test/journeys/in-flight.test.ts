import { type Scene, testChecks, unlessAnswered } from '../support/check.ts'
import type { EngineCall } from '../support/watch.ts'

// What a request that is under way while its session ends must not do.

testChecks([
  {
    name: 'P1: a read that is under way when its session is replaced does not bring it back',
    run: (scene) => endUnderWay(scene, 'GET', '/slow', 'session_replaced'),
    naive: 'index',
    finds: 'the ended session got 200',
  },
  {
    name: 'P1: a read that is under way at logout does not bring its session back',
    run: (scene) => endUnderWay(scene, 'GET', '/slow', 'logged_out'),
    naive: 'index',
    finds: 'the ended session got 200',
  },
  {
    name: 'P2: a handler that changes its session while it is replaced does not bring it back',
    run: (scene) => endUnderWay(scene, 'POST', '/slow-change', 'session_replaced'),
    naive: 'index',
    finds: 'the ended session got 200',
  },
  {
    name: 'P2: a handler that changes its session while it is logged out does not bring it back',
    run: (scene) => endUnderWay(scene, 'POST', '/slow-change', 'logged_out'),
    naive: 'index',
    finds: 'the ended session got 200',
  },
  {
    name: 'P3: a touch that had begun before the new login does not bring the old session back',
    run: (scene) => overtake(scene, 'store.swap', 'before'),
    naive: 'index',
    finds: 'the older device got 200',
  },
  {
    name: 'P6: a late answer to the old session leaves the cookie of the new one alone',
    run: lateAnswer,
    naive: 'index',
    finds: 'the late answer set a cookie',
  },
  {
    name: 'P7: a handler that fails after changing its session stores nothing and sets no cookie',
    run: failedHandler,
    naive: 'index',
    finds: 'the failed request wrote to the store',
  },
  {
    name: 'P10: the last login wins, not the last request',
    run: (scene) => overtake(scene, 'store.read', 'after'),
    naive: 'index',
    finds: 'the overtaken request got 200',
  },
])

async function endUnderWay(
  { service, latch }: Scene,
  method: string,
  path: string,
  reason: 'session_replaced' | 'logged_out',
): Promise<string[]> {
  const old = service.browser()
  await old.login('ann')
  const underWay = old.copy().request(method, path)
  await latch.arrived
  const newer = service.browser()
  if (reason === 'session_replaced') await newer.login('ann')
  else await old.copy().post('/logout')
  latch.open()

  const wrong = unlessAnswered('the request under way', await underWay, 200)
  wrong.push(...unlessAnswered('the ended session', await old.get('/me'), 401, reason))
  if (reason === 'session_replaced')
    wrong.push(...unlessAnswered('the newer device', await newer.get('/me'), 200))
  return wrong
}

/** Holds a request of the old device between looking at its session and writing that it was seen. */
async function overtake(
  { service, latch }: Scene,
  heldCall: EngineCall,
  where: 'before' | 'after',
): Promise<string[]> {
  const old = service.browser()
  await old.login('ann')
  service.advance(120_000) // so that a touch is due
  let held = false
  service.watched.around = async (call, work) => {
    const isHeld = call === heldCall && !held
    held ||= isHeld
    if (isHeld && where === 'before') await latch.pass()
    const result = await work()
    if (isHeld && where === 'after') await latch.pass()
    return result
  }
  const late = old.get('/me')
  await latch.arrived
  const newer = service.browser()
  await newer.login('ann')
  latch.open()

  return [
    ...unlessAnswered('the overtaken request', await late, 401, 'session_replaced'),
    ...unlessAnswered('the older device', await old.get('/me'), 401, 'session_replaced'),
    ...unlessAnswered('the newer device', await newer.get('/me'), 200),
  ]
}

async function lateAnswer({ service, latch }: Scene): Promise<string[]> {
  const browser = service.browser()
  await browser.login('ann')
  const underWay = browser.post('/slow-change')
  await latch.arrived
  await browser.login('ann')
  latch.open()

  const wrong = (await underWay).setCookies.map(() => 'the late answer set a cookie')
  return [...wrong, ...unlessAnswered('the browser', await browser.get('/me'), 200)]
}

async function failedHandler({ service, latch }: Scene): Promise<string[]> {
  latch.open()
  const browser = service.browser()
  await browser.login('ann')
  const { calls } = service.watched
  const before = calls.length
  const failed = await browser.post('/slow-failure')

  const wrong = unlessAnswered('the failure', failed, 500, 'internal')
  if (calls.slice(before).includes('store.swap')) wrong.push('the failed request wrote to the store')
  wrong.push(...failed.setCookies.map(() => 'the failed request set a cookie'))
  return [...wrong, ...unlessAnswered('the session', await browser.get('/me'), 200)]
}
