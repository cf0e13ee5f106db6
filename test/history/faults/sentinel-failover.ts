import { until } from '../../support/until.ts'
import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'sentinel-failover',
  about:
    'the master is killed, or stands still and comes back; three real Sentinels promote its replica',
  topologies: ['sentinel'],
  async strike(world, random) {
    const sentinels = need(world.sentinels)
    const old = await sentinels.master()
    const stops = random() < 0.5
    if (stops) old.pause()
    else await old.kill()
    await until(async () => (await sentinels.master()) !== old, 20_000)
    const next = await sentinels.master()
    await pause(random() * 500)
    if (stops) old.resume()
    else await old.start()
    await pause(300)
    // The Sentinels would do the same some ten seconds later.
    await old.client.replicaof('127.0.0.1', next.port)
    await until(async () => /master_link_status:up/.test(await old.client.info('replication')), 20_000)
  },
}
