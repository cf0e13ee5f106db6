import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'redis-slow',
  about: 'Redis answers nothing for 400 ms, or its line delays everything by 50 to 2000 ms',
  topologies: ['single'],
  keepsSessions: true,
  async strike(world, random) {
    const { client } = need(world.redis).server
    const line = need(world.line)
    if (random() < 0.5) {
      await client.call('CLIENT', 'PAUSE', 400, 'ALL')
      await pause(400)
    } else {
      line.delay(50 + random() * 1_950)
      await pause(1_500)
      line.heal()
    }
  },
}
