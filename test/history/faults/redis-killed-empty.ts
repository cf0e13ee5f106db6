import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'redis-killed-empty',
  about: 'kill -9 of Redis, which starts again with nothing',
  topologies: ['single'],
  async strike(world) {
    const redis = need(world.redis).server
    await redis.kill()
    await pause(200)
    await redis.start()
  },
}
