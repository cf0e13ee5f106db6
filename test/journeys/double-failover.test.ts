import t, { type Test } from 'tap'
import { pause } from '../history/fault.ts'
import { copyAgain } from '../history/put-back.ts'
import type { Browser } from '../support/browser.ts'
import { until } from '../support/until.ts'
import { openScene, type Scene, settled, signIn, standing, toldFor } from './broken-world.ts'

// A master that leads again under the name it had: nothing in Redis tells that another one led meanwhile.

t.setTimeout(120_000)

/** Milliseconds, by `docs/consistency.md`: after so long, what was replaced meanwhile is refused on every instance. */
const NOTICED_WITHIN = 2_000

t.test('A leads, B leads, A leads again: whom B replaced is refused', async (t) => {
  const scene = await openScene(t, { topology: 'pair' })
  const { redis, line } = scene.world
  if (redis?.replica == null || redis.copying === null || line === null) throw new Error('no pair')
  const [first, second] = [redis.server, redis.replica]
  await scene.register('ann')
  const laptop = scene.device(0)
  await signIn(laptop, 'ann')
  await until(async () => (await second.client.dbsize()) === 1)

  redis.copying.cut()
  await second.client.replicaof('NO', 'ONE')
  line.lead(second.port)
  line.drop()
  await scene.ready()
  const phone = scene.device(1)
  await signIn(phone, 'ann')
  t.equal(await standing(laptop), 'session_replaced')

  line.lead(first.port)
  line.drop()
  await expectRefused(t, scene, laptop)
  await expectHonest(t, phone)
  await signIn(scene.device(1), 'ann')
  await copyAgain(redis)
})

t.test('three Sentinels fail over twice: whom the second master replaced is refused', async (t) => {
  const scene = await openScene(t, { topology: 'sentinel' })
  const { sentinels } = scene.world
  if (sentinels === null) throw new Error('no Sentinels')
  await scene.register('ann')
  const laptop = scene.device(0)
  await signIn(laptop, 'ann')
  const first = await sentinels.master()
  const second = sentinels.servers.find((server) => server !== first)
  if (second === undefined) throw new Error('no replica')
  await until(async () => (await second.client.dbsize()) === 1)

  first.pause()
  await until(async () => (await sentinels.master()) === second, 20_000)
  const phone = scene.device(1)
  await until(async () => (await phone.login('ann')).status === 200)
  for (const there of scene.everywhere(laptop)) t.equal(await settled(there), 'session_replaced')

  first.resume()
  await until(async () => (await first.client.ping()) === 'PONG')
  await second.kill()
  await until(async () => (await sentinels.master()) === first, 20_000)
  await expectRefused(t, scene, laptop)
  await expectHonest(t, phone)
})

async function expectRefused(t: Test, scene: Scene, laptop: Browser): Promise<void> {
  await pause(NOTICED_WITHIN)
  await scene.ready()
  const told = await toldFor(1_000, scene.everywhere(laptop))
  t.notOk(told.includes('200'), `the older device is told: ${told}`)
}

/** Who had the seat has lost it, and nobody is said to have taken it. */
async function expectHonest(t: Test, phone: Browser): Promise<void> {
  t.match(await settled(phone), /^(200|session_lost|unauthenticated)$/)
}
