import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'redis-older-snapshot',
  about: 'kill -9 of Redis, which starts again from a snapshot 400 ms old',
  topologies: ['single'],
  async strike(world) {
    const redis = need(world.redis).server
    await redis.client.save()
    await pause(400)
    await redis.kill()
    await redis.start()
  },
}
