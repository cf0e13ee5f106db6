import type { Fault } from '../fault.ts'
import { secret } from '../instances.ts'
import type { World } from '../world.ts'

/** How often the secret of a world has been changed. */
const rotations = new WeakMap<World, number>()

export const fault: Fault = {
  name: 'rolling-deploy',
  about:
    'instances are restarted one by one (SIGTERM), twice: all learn a new secret, then all sign with it',
  topologies: ['single'],
  keepsSessions: true,
  async strike(world) {
    const count = rotations.get(world) ?? 0
    rotations.set(world, count + 1)
    const [older, newer] = [secret(count), secret(count + 1)]
    // Those of before still verify what they signed: it may live for longer than it takes to get here again.
    const past = Array.from({ length: count }, (_, i) => secret(i))
    for (const secrets of [
      [older, newer, ...past],
      [newer, older, ...past],
    ]) {
      for (const i of world.instances.all.keys()) {
        await world.instances.restart(i, 'SIGTERM', { SESSION_SECRET: secrets.join() })
      }
    }
  },
}
