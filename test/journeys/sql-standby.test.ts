import t from 'tap'
import { until } from '../support/until.ts'
import { openScene, settled, signIn, standing, toldFor } from './broken-world.ts'

t.setTimeout(60_000)

t.test('a hot standby of PostgreSQL that lags confirms nothing', async (t) => {
  const scene = await openScene(t, { standby: true })
  const { redis, sql, sqlLine } = scene.world
  if (redis === null || sql.replica === null || sql.copying === null) throw new Error('no standby')
  await scene.register('ann')
  const laptop = scene.device(0)
  await signIn(laptop, 'ann')
  await sql.replica.catchUp(sql.server.port)
  sql.copying.cut()
  await redis.server.client.save() // as old as the standby
  const phone = scene.device(1)
  await signIn(phone, 'ann')
  t.equal(await standing(laptop), 'session_replaced')

  sqlLine.lead(sql.replica.port)
  sqlLine.drop()
  await redis.server.kill()
  await redis.server.start()
  const told = await toldFor(2_500, scene.everywhere(laptop))
  t.notOk(told.includes('200'), `the older device is told: ${told}`)
  for (const there of scene.everywhere(phone)) {
    t.equal((await there.get('/health/ready')).status, 503, 'and it says that it is not ready')
  }

  sqlLine.lead(sql.server.port)
  sqlLine.drop()
  await scene.ready()
  for (const there of scene.everywhere(laptop)) {
    t.match(await settled(there), /^session_(lost|replaced)$/)
  }
  await until(async () => (await scene.device(1).login('ann')).status === 200)
})

t.test('where users and sessions are one PostgreSQL, a standby is not ready either', async (t) => {
  const scene = await openScene(t, { topology: 'postgres', standby: true })
  const { sql, sqlLine } = scene.world
  if (sql.replica === null) throw new Error('no standby')
  await scene.register('ann')
  const laptop = scene.device(0)
  await signIn(laptop, 'ann')
  await sql.replica.catchUp(sql.server.port)
  sqlLine.lead(sql.replica.port)
  sqlLine.drop()
  for (const there of scene.everywhere(laptop)) {
    await until(async () => (await there.get('/health/ready')).status === 503)
    t.equal(await standing(there), 'store_unavailable')
  }
})
