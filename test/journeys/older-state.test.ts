import type { Redis } from 'ioredis'
import t from 'tap'
import { pause } from '../history/fault.ts'
import { noteState, WAYS_BACK } from '../history/older-state.ts'
import { openScene, settled, signIn, standing, toldFor } from './broken-world.ts'

// Redis is given an older state while its history keeps its name. No read can tell; each move of an idle deadline does.

t.setTimeout(60_000)

/** Milliseconds: an idle deadline is moved every `min(60 s, IDLE_TIMEOUT / 10)`. */
const IDLE_TIMEOUT = 10_000
const TOUCH_INTERVAL = 1_000

t.test('what was put back ends within one touch interval', async (t) => {
  const scene = await openScene(t, {
    idleTimeout: IDLE_TIMEOUT,
    redisArgs: ['--enable-debug-command', 'yes'],
  })
  const client = scene.world.redis?.server.client as Redis
  for (const way of WAYS_BACK) {
    await t.test(way, async (t) => {
      await scene.register(way)
      const laptop = scene.device(0)
      await signIn(laptop, way)
      const goBack = await noteState[way](client)
      const phone = scene.device(1)
      await signIn(phone, way)
      t.equal(await standing(laptop), 'session_replaced')
      await goBack()
      await Promise.all([pause(TOUCH_INTERVAL), toldFor(TOUCH_INTERVAL, scene.everywhere(laptop))])
      const told = await toldFor(500, scene.everywhere(laptop))
      t.notOk(told.includes('200'), `the older device is told: ${told}`)
      t.match(await settled(phone), /^(200|session_lost|unauthenticated)$/)
      await signIn(scene.device(1), way)
    })
  }
})
