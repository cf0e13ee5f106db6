import { type Fault, need, pause } from '../fault.ts'
import { copyAgain } from '../put-back.ts'

/** A session that is not used at one master, because another one leads, is not to run out there. */
export const NOTHING_RUNS_OUT = { idleTimeout: 30_000, absoluteTimeout: 60_000 }

export const fault: Fault = {
  name: 'master-led-back',
  about:
    'traffic is led to the replica, which is promoted, and 1.5 s later back to the first master, which stood by untouched',
  topologies: ['pair'],
  setup: NOTHING_RUNS_OUT,
  async strike(world) {
    const [redis, line] = [need(world.redis), need(world.line)]
    const [first, second] = [redis.server, need(redis.replica)]
    need(redis.copying).cut()
    await second.client.replicaof('NO', 'ONE')
    line.lead(second.port)
    line.drop()
    await pause(1_500)
    line.lead(first.port)
    line.drop()
    const from = performance.now()
    world.believed.push({ from, to: from + NOTICED_WITHIN })
    await pause(NOTICED_WITHIN + 1_000)
    await copyAgain(redis)
  },
}

/** Milliseconds, by `docs/consistency.md`: a master that leads again under the name it had is noticed. */
export const NOTICED_WITHIN = 2_000
