import { type Fault, need, pause } from '../fault.ts'
import { copyAgain, putBack } from '../put-back.ts'

export const fault: Fault = {
  name: 'master-demoted',
  about:
    'a lagging replica is promoted, overwrites the master, and that one is promoted again, all under open connections',
  topologies: ['pair'],
  async strike(world) {
    const redis = need(world.redis)
    need(redis.copying).cut()
    await pause(300)
    await putBack(redis)
    await copyAgain(redis)
  },
}
