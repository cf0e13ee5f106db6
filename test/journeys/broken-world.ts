import { readFileSync } from 'node:fs'
import pg from 'pg'
import type { Test } from 'tap'
import { pause } from '../history/fault.ts'
import { openWorld, type Setup, type World } from '../history/world.ts'
import { type Answer, Browser, PASSWORD } from '../support/browser.ts'
import type { Instance } from '../support/process.ts'
import { runUsers } from '../support/terminal.ts'
import { until } from '../support/until.ts'

/** Instances of the program as real processes, on servers that a test breaks step by step. */
export type Scene = {
  world: World
  /** A new device at one of the instances. */
  device(instance?: number): Browser
  /** The same device, at every instance. */
  everywhere(device: Browser): Browser[]
  /** Makes a user, and gives their id. */
  register(username: string, roles?: readonly string[]): Promise<string>
  /** Resolves when every instance says that it can do its work. */
  ready(): Promise<void>
}

/** Opens a world with two instances, and ends it with the test. Sessions run out after half an hour, if nothing else is said. */
export async function openScene(t: Test, setup: Partial<Setup>): Promise<Scene> {
  const world = await openWorld({
    topology: 'single',
    instances: 2,
    policy: { limit: 1, onLimit: 'replace', refuseWhileSeen: 1_000 },
    idleTimeout: 1_800_000,
    absoluteTimeout: 43_200_000,
    ...setup,
  })
  t.teardown(() => world.stop())
  const { urls } = world.instances
  return {
    world,
    device: (instance = 0) => new Browser(urls[instance] ?? ''),
    everywhere: (device) => urls.map((url) => device.copy(url)),
    async register(username, roles = []) {
      const { body } = await new Browser(urls[0] ?? '').post('/register', {
        username,
        password: PASSWORD,
      })
      const client = new pg.Client(world.sql.server.url)
      await client.connect()
      const roleList = JSON.stringify(roles)
      await client.query('UPDATE oneseat_users SET roles = $1 WHERE id = $2', [roleList, body.user.id])
      await client.end()
      return body.user.id
    },
    async ready() {
      for (const url of urls) {
        await until(async () => (await tryGet(new Browser(url), '/health/ready'))?.status === 200)
      }
    },
  }
}

/** Signs in; throws if that does not work. */
export async function signIn(device: Browser, username: string): Promise<Answer> {
  const answer = await device.login(username, { device: username })
  if (answer.status !== 200) throw new Error(`${username}: ${answer.status} ${answer.body.code}`)
  return answer
}

/** Sets the password `ANOTHER` on the command line. */
export async function resetPassword({ world }: Scene, username: string): Promise<void> {
  const env = world.instances.envOf(0)
  const stdin = `${ANOTHER}\n`
  const { code } = await runUsers(['password', username, '--password-stdin'], { env, stdin })
  if (code !== 0) throw new Error(`the command ended with ${code}`)
}

/** Another password than that of all users. */
export const ANOTHER = 'and it needs no other one'

/**
 * Has an instance stand still at its next login, when that has its number and has not changed the record yet. Resolves when
 * it does; SIGCONT has it go on.
 */
export function stallLogin({ world }: Scene, i: number): { stalled: Promise<void>; instance: Instance } {
  const instance = world.instances.all[i]
  if (instance === undefined) throw new Error(`there is no instance ${i}`)
  instance.signal('SIGWINCH') // see test/history/preload/stall.ts
  const isStopped = () => /^\d+ \(.*\) T/.test(readFileSync(`/proc/${instance.pid}/stat`, 'utf8'))
  return { stalled: until(isStopped), instance }
}

/** What `/me` says to a device: `200`, or the code of the refusal. */
export async function standing(device: Browser): Promise<string> {
  const answer = await tryGet(device, '/me')
  return answer === null ? 'no answer' : answer.status === 200 ? '200' : answer.body.code
}

/** What a device is told once the instance can say something: not `store_unavailable`. */
export async function settled(device: Browser): Promise<string> {
  let said = ''
  await until(async () => {
    said = await standing(device)
    return said !== 'store_unavailable' && said !== 'no answer'
  })
  return said
}

/** All that these devices are told in so many milliseconds, each thing once. */
export async function toldFor(ms: number, devices: readonly Browser[]): Promise<string[]> {
  const told = new Set<string>()
  const end = performance.now() + ms
  while (performance.now() < end) {
    for (const said of await Promise.all(devices.map(standing))) told.add(said)
    await pause(20)
  }
  return [...told].sort()
}

async function tryGet(device: Browser, path: string): Promise<Answer | null> {
  try {
    return await device.get(path)
  } catch {
    return null // the connection broke
  }
}
