import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'redis-killed-kept',
  about: 'kill -9 of Redis, which starts again with everything (appendfsync always): sessions go on',
  topologies: ['single'],
  setup: { redisArgs: ['--appendonly', 'yes', '--appendfsync', 'always'] },
  keepsSessions: true,
  confirmsAnew: true,
  async strike(world) {
    const redis = need(world.redis).server
    await redis.kill()
    await pause(200)
    await redis.start()
  },
}
