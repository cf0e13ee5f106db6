import type { Fault } from '../fault.ts'

export const fault: Fault = {
  name: 'instance-killed',
  about: 'kill -9 of an instance, which is started again',
  topologies: ['single', 'postgres'],
  keepsSessions: true,
  async strike(world, random) {
    const { all, restart } = world.instances
    await restart(Math.floor(random() * all.length), 'SIGKILL')
  },
}
