import type { Fault } from '../fault.ts'

/** The secrets of the last rotation; one world runs at a time in a process. */
let [older, newer] = ['the first of several secrets of a history test', '']
let rotations = 0

export const fault: Fault = {
  name: 'rolling-deploy',
  about:
    'instances are restarted one by one (SIGTERM), twice: all learn a new secret, then all sign with it',
  topologies: ['single'],
  keepsSessions: true,
  async strike(world) {
    newer = `secret number ${++rotations} of several of a history test`
    for (const secrets of [`${older},${newer}`, `${newer},${older}`]) {
      for (const i of world.instances.keys()) {
        await world.restart(i, 'SIGTERM', { SESSION_SECRET: secrets })
      }
    }
    older = newer
  },
}
