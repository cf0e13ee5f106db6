import t, { type Test } from 'tap'
import { pause } from '../history/fault.ts'
import { openScene, type Scene, settled, signIn, stallLogin } from './broken-world.ts'

// A login has taken its number in SQL and comes to nothing. Then Redis starts again with all its data. Whoever was signed in
// is so still, or is told that the session was lost: nobody has replaced them.

t.setTimeout(60_000)

t.test('a login number without a login', async (t) => {
  const scene = await openScene(t, {
    redisArgs: ['--appendonly', 'yes', '--appendfsync', 'always'],
  })
  const [, line] = scene.world.lines
  if (line === undefined) throw new Error('no line')

  await t.test('it was answered 503: what it wrote never arrived', async (t) => {
    await failAndRestart(t, scene, 'lost', async (login) => {
      const held = line.hold('there', (bytes) => bytes.length > 400) // it carries a record
      const signingIn = login()
      await held
      t.equal((await signingIn)?.status, 503)
      line.drop() // with what it holds
      line.heal()
    })
  })

  await t.test('it was answered 503: Redis was away', async (t) => {
    await failAndRestart(t, scene, 'away', async (login) => {
      const { stalled, instance } = stallLogin(scene, 1)
      const signingIn = login()
      await stalled
      line.cut()
      instance.signal('SIGCONT')
      t.equal((await signingIn)?.status, 503)
      line.heal()
    })
  })

  await t.test('its instance died', async (t) => {
    await failAndRestart(t, scene, 'dead', async (login) => {
      const { stalled, instance } = stallLogin(scene, 1)
      const signingIn = login()
      await stalled
      await instance.stop('SIGKILL')
      t.equal(await signingIn, null)
      await scene.world.instances.restart(1, 'SIGKILL')
    })
  })
})

/** Signs somebody in, has their next login fail, at the other instance, and restarts Redis. */
async function failAndRestart(
  t: Test,
  scene: Scene,
  name: string,
  fail: (login: () => Promise<{ status: number } | null>) => Promise<void>,
): Promise<void> {
  await scene.register(name)
  const laptop = scene.device(0)
  await signIn(laptop, name)
  await fail(() =>
    scene
      .device(1)
      .login(name)
      .catch(() => null),
  )
  await scene.ready()
  await pause(1_500) // whoever failed tries again to write the number down
  const redis = scene.world.redis?.server
  await redis?.kill()
  await redis?.start()
  t.match(await settled(laptop), /^(200|session_lost)$/)
}
