import t, { type Test } from 'tap'
import { pause } from '../history/fault.ts'
import { openScene, type Scene, settled, signIn, stallLogin } from './broken-world.ts'

// A login has taken its number in SQL and comes to nothing. Then Redis starts again with all its data. Whoever was signed in
// is so still, or is told that the session was lost: nobody has replaced them.

t.setTimeout(60_000)

const KEPT = { redisArgs: ['--appendonly', 'yes', '--appendfsync', 'always'] }

t.test('its instance died', async (t) => {
  const scene = await openScene(t, KEPT)
  await scene.register('ann')
  const laptop = scene.device(0)
  await signIn(laptop, 'ann')
  const { stalled, instance } = stallLogin(scene, 1)
  const signingIn = scene
    .device(1)
    .login('ann')
    .catch(() => null)
  await stalled
  await instance.stop('SIGKILL')
  t.equal(await signingIn, null)
  await restartRedis(scene)
  t.match(await settled(laptop), /^(200|session_lost)$/)
})

t.test('it was answered 503: what it wrote never arrived', async (t) => {
  await failTo(t, ({ world }) => {
    const [, line] = world.lines
    if (line === undefined) throw new Error('no line')
    return {
      reached: line.hold('there', (bytes) => bytes.length > 400), // it carries a record
      heal() {
        line.drop() // with what it holds
        line.heal()
      },
    }
  })
})

t.test('it was answered 503: Redis was away', async (t) => {
  await failTo(t, (scene) => {
    const [, line] = scene.world.lines
    const { stalled, instance } = stallLogin(scene, 1)
    return {
      reached: stalled.then(() => {
        line?.cut()
        instance.signal('SIGCONT')
      }),
      heal: () => line?.heal(),
    }
  })
})

/** Has a login fail between its number and its write, puts things right, and restarts Redis. */
async function failTo(
  t: Test,
  fail: (scene: Scene) => { reached: Promise<void>; heal: () => void },
): Promise<void> {
  const scene = await openScene(t, KEPT)
  await scene.register('ann')
  const laptop = scene.device(0)
  await signIn(laptop, 'ann')
  const { reached, heal } = fail(scene)
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
