import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'redis-evicting',
  about: 'Redis evicts keys at random, or some are deleted',
  topologies: ['single'],
  async strike(world, random) {
    const { client } = need(world.redis).server
    if (random() < 0.5) {
      await client.config('SET', 'maxmemory-policy', 'allkeys-random')
      await client.config('SET', 'maxmemory', '1mb')
      await pause(300)
      await client.config('SET', 'maxmemory', '0')
      return
    }
    for (let i = 0; i < 20; i++) {
      const key = await client.randomkey()
      if (key !== null) await client.del(key)
      await pause(20)
    }
  },
}
