import { until } from '../../support/until.ts'
import { type Fault, need, pause } from '../fault.ts'
import { isLinked } from '../put-back.ts'
import { NOTHING_RUNS_OUT, NOTICED_WITHIN } from './master-led-back.ts'

export const fault: Fault = {
  name: 'sentinel-led-back',
  about:
    'three real Sentinels fail over twice: the master hangs, its replica leads, the master wakes, the replica is killed, the master leads again',
  topologies: ['sentinel'],
  setup: NOTHING_RUNS_OUT,
  async strike(world, random) {
    const sentinels = need(world.sentinels)
    const first = await sentinels.master()
    first.pause()
    await until(async () => (await sentinels.master()) !== first, 20_000)
    const second = await sentinels.master()
    await pause(1_000 + random() * 500)
    first.resume()
    const from = performance.now()
    await pause(random() * 1_000)
    await second.kill()
    await until(async () => (await sentinels.master()) === first, 20_000)
    world.believed.push({ from, to: performance.now() + NOTICED_WITHIN })
    await pause(NOTICED_WITHIN + 1_000)

    await second.start()
    await second.client.replicaof('127.0.0.1', first.port)
    await until(() => isLinked(second), 20_000)
  },
}
