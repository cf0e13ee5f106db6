import { type Fault, need } from '../fault.ts'

export const fault: Fault = {
  name: 'records-deleted',
  about: 'for 500 ms, the records of all users are deleted, one after the other, again and again',
  topologies: ['single'],
  async strike(world) {
    const { client } = need(world.redis).server
    const end = performance.now() + 500
    while (performance.now() < end) {
      const key = await client.randomkey()
      if (key !== null) await client.del(key)
    }
  },
}
