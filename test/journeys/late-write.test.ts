import t from 'tap'
import { pause } from '../history/fault.ts'
import { copyAgain, putBack } from '../history/put-back.ts'
import { until } from '../support/until.ts'
import { openScene, settled, signIn, standing, toldFor } from './broken-world.ts'

// What an instance wrote arrives late, at a server that has been overwritten by an older state meanwhile.

t.setTimeout(60_000)

t.test('a write that was read for under another history has no effect', async (t) => {
  const scene = await openScene(t, { topology: 'pair' })
  const { redis, lines } = scene.world
  const [phonesLine, adminsLine] = lines
  if (redis?.replica == null || phonesLine === undefined || adminsLine === undefined) {
    throw new Error('no pair')
  }
  const id = await scene.register('ann')
  await scene.register('boss', ['admin'])
  const boss = scene.device(1)
  await signIn(boss, 'boss')
  const [bosssKey] = await redis.server.client.keys('*')
  const laptop = scene.device(0)
  await signIn(laptop, 'ann')
  const key = (await redis.server.client.keys('*')).find((each) => each !== bosssKey) ?? ''
  const isWrite = (bytes: Buffer) => bytes.includes(key) && bytes.length > 400 // it carries the record
  const other = redis.replica.client
  await until(async () => (await other.get(key)) === (await redis.server.client.get(key)))
  redis.copying?.cut()

  const phonesWrite = phonesLine.hold('there', isWrite)
  const phone = scene.device(0)
  const signingIn = phone.login('ann')
  await phonesWrite // it has the login number 2
  const adminsWrite = adminsLine.hold('there', isWrite)
  const change = boss.request('PATCH', `/admin/users/${id}`, { roles: ['editor'] })
  await adminsWrite // it has the number 3, and has read the record as it is without the phone
  phonesLine.heal()
  t.equal((await signingIn).status, 200)
  t.equal(await standing(laptop), 'session_replaced')

  await putBack(redis) // the record is as it was without the phone
  adminsLine.heal()
  await pause(200) // the write arrives
  await change
  t.notOk((await toldFor(500, scene.everywhere(laptop))).includes('200'), 'the laptop stays out')
  t.match(await settled(phone), /^(200|session_lost|unauthenticated)$/)
  await copyAgain(redis)
})
