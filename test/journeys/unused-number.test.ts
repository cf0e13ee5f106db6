import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { pause } from '../history/fault.ts'
import { until } from '../support/until.ts'
import { openScene, type Scene, settled, signIn } from './broken-world.ts'

// A login has taken its number in SQL and comes to nothing. Then Redis starts again with all its data. Whoever was signed in
// is so still, or is told that the session was lost: nobody has replaced them.

t.setTimeout(60_000)

const KEPT = { redisArgs: ['--appendonly', 'yes', '--appendfsync', 'always'] }

t.test('its instance died', async (t) => {
  const scene = await openScene(t, KEPT)
  await scene.register('ann')
  const laptop = scene.device(0)
  await signIn(laptop, 'ann')
  const dying = scene.world.instances.all[1]
  if (dying === undefined) throw new Error('no second instance')
  dying.signal('SIGWINCH') // see test/history/preload/stall.ts
  const signingIn = scene
    .device(1)
    .login('ann')
    .catch(() => null)
  await until(() => /^\d+ \(.*\) T/.test(readFileSync(`/proc/${dying.pid}/stat`, 'utf8')))
  await dying.stop('SIGKILL')
  t.equal(await signingIn, null)
  await restartRedis(scene)
  t.match(await settled(laptop), /^(200|session_lost)$/)
})

t.test('it was answered 503: what it wrote never arrived', async (t) => {
  await failTo(t, async ({ world }) => {
    const [, line] = world.lines
    const write = line?.hold('there', (bytes) => bytes.length > 400)
    return {
      reached: write as Promise<void>,
      heal() {
        line?.lose('there') // also what is held: the connection breaks
        line?.drop()
        line?.heal()
      },
    }
  })
})

t.test('it was answered 503: Redis was away', async (t) => {
  await failTo(t, async ({ world }) => {
    const instance = world.instances.all[1]
    instance?.signal('SIGWINCH')
    const stopped = until(() =>
      /^\d+ \(.*\) T/.test(readFileSync(`/proc/${instance?.pid}/stat`, 'utf8')),
    )
    return {
      reached: stopped.then(() => {
        world.lines[1]?.cut()
        instance?.signal('SIGCONT')
      }),
      heal: () => world.lines[1]?.heal(),
    }
  })
})

/** Has a login fail between its number and its write, puts things right, and restarts Redis. */
async function failTo(
  t: Test,
  fail: (scene: Scene) => Promise<{ reached: Promise<void>; heal: () => void }>,
): Promise<void> {
  const scene = await openScene(t, KEPT)
  await scene.register('ann')
  const laptop = scene.device(0)
  await signIn(laptop, 'ann')
  const { reached, heal } = await fail(scene)
  const signingIn = scene.device(1).login('ann')
  await reached
  t.equal((await signingIn).status, 503)
  heal()
  await scene.ready()
  await pause(1_500) // whoever failed tries again to write the number down
  await restartRedis(scene)
  t.match(await settled(laptop), /^(200|session_lost)$/)
}

async function restartRedis({ world }: Scene): Promise<void> {
  await world.redis?.server.kill()
  await world.redis?.server.start()
}
