import { type Fault, need, pause } from '../fault.ts'
import { copyAgain } from '../put-back.ts'

export const fault: Fault = {
  name: 'replica-promoted',
  about: 'a replica that missed the last 300 ms is promoted by hand after kill -9 of the master',
  topologies: ['pair'],
  async strike(world) {
    const [redis, line] = [need(world.redis), need(world.line)]
    const [old, next] = [redis.server, need(redis.replica)]
    need(redis.copying).cut()
    await pause(300)
    await old.kill()
    await next.client.replicaof('NO', 'ONE')
    line.lead(next.port)
    line.drop()

    // The old master comes back as the replica of the new one.
    redis.server = next
    redis.replica = old
    await old.start()
    await copyAgain(redis)
  },
}
