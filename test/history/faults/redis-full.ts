import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'redis-full',
  about: 'Redis is out of memory and refuses writes (noeviction)',
  topologies: ['single'],
  keepsSessions: true,
  async strike(world) {
    const { client } = need(world.redis).server
    await client.config('SET', 'maxmemory', '1mb')
    await pause(700)
    await client.config('SET', 'maxmemory', '0')
  },
}
