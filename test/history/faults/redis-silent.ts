import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'redis-silent',
  about: 'Redis takes connections and bytes and says nothing for 1 to 4 s; then all of it arrives late',
  topologies: ['single'],
  keepsSessions: true,
  async strike(world, random) {
    const line = need(world.line)
    line.freeze()
    await pause(1_000 + random() * 3_000)
    line.heal()
  },
}
