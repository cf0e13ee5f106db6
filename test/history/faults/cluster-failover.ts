import { until } from '../../support/until.ts'
import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'cluster-failover',
  about:
    'a master of a six-node Cluster stands still; its replica is elected, and it comes back as a replica',
  topologies: ['cluster'],
  async strike(world, random) {
    const cluster = need(world.cluster)
    const key = `oneseat:${random()}`
    const old = await cluster.masterOf(key)
    old.pause()
    await until(async () => (await cluster.masterOf(key)) !== old, 20_000)
    await pause(random() * 500)
    old.resume()
    await until(async () => /master_link_status:up/.test(await old.client.info('replication')), 20_000)
  },
}
