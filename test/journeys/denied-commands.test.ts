import type { Redis } from 'ioredis'
import t from 'tap'
import { pause } from '../history/fault.ts'
import type { Browser } from '../support/browser.ts'
import { openScene, type Scene, signIn } from './broken-world.ts'

// Redis denies our user a command, as after a change of its ACL. Every request ends, soon, and after few commands.

t.setTimeout(120_000)

/** What is denied, and how it is given back. */
const DENIALS: [name: string, rule: string, back: string][] = [
  ['GET', '-get', '+get'],
  ['MGET', '-mget', '+mget'],
  ['SET', '-set', '+set'],
  ['TIME', '-time', '+time'],
  ['INFO', '-info', '+info'],
  ['scripts', '-evalsha', '+evalsha'],
  ['all of ours but GET and MGET', '-@all +get +mget', '+@all'],
]

/** Milliseconds, and commands, that a request may take. */
const PATIENCE = 5_000
const COMMANDS = 200

t.test('Redis denies our user a command', async (t) => {
  // Every request finds that it is time to move the deadline.
  const scene = await openScene(t, { instances: 1, idleTimeout: 8_000, absoluteTimeout: 600_000 })
  const client = scene.world.redis?.server.client as Redis
  await client.call('ACL', 'SETUSER', 'test', 'on', '>secret', '~*', '&*', '+@all')
  await client.call('AUTH', 'test', 'secret') // ours go on as the default user
  const id = await scene.register('ann')
  await scene.register('boss', ['admin'])

  for (const [name, rule, back] of DENIALS) {
    await t.test(name, async (t) => {
      const { ann, boss } = await signBothIn(scene)
      await pause(850) // it is time to move the deadlines
      await client.call('ACL', 'SETUSER', 'default', ...rule.split(' '))
      const requests: [what: string, of: Browser, method: string, path: string, body?: unknown][] = [
        ['me', ann, 'GET', '/me'],
        ['sessions', ann, 'GET', '/me/sessions'],
        ['logout', ann.copy(), 'POST', '/logout'],
        ['login', scene.device(), 'POST', '/login', LOGIN],
        ['role change', boss, 'PATCH', `/admin/users/${id}`, { roles: ['editor'] }],
        ['revocation', boss, 'DELETE', `/admin/users/${id}/sessions`],
      ]
      for (const [what, device, method, path, body] of requests) {
        const before = await countCommands(client)
        const answer = await Promise.race([
          device.request(method, path, body).then(({ status }) => status),
          pause(PATIENCE).then(() => 'no answer'),
        ])
        const commands = (await countCommands(client)) - before
        t.equal(answer, 503, what)
        t.ok(commands <= COMMANDS, `${what}: ${commands} commands`)
      }
      await client.call('ACL', 'SETUSER', 'default', ...back.split(' '))
      await scene.ready()
    })
  }
})

async function signBothIn(scene: Scene): Promise<{ ann: Browser; boss: Browser }> {
  const [ann, boss] = [scene.device(), scene.device()]
  await signIn(ann, 'ann')
  await signIn(boss, 'boss')
  return { ann, boss }
}

/** What clients asked for, and what scripts did for them; without the questions of this test. */
async function countCommands(client: Redis): Promise<number> {
  const text = await client.info('commandstats')
  const counts = [...text.matchAll(/cmdstat_(?!info|acl|auth|ping)\S+:calls=(\d+)/g)]
  return counts.reduce((sum, [, count]) => sum + Number(count), 0)
}

const LOGIN = { username: 'ann', password: 'a test needs no secrets', device: 'another' }
