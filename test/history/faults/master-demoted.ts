import { until } from '../../support/until.ts'
import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'master-demoted',
  about:
    'a lagging replica is promoted, overwrites the master, and that one is promoted again, all under open connections',
  topologies: ['pair'],
  async strike(world) {
    const [master, replica] = [need(world.redis), need(world.replica)]
    const replication = need(world.replication)
    replication.cut()
    await pause(300)
    await replica.client.replicaof('NO', 'ONE')
    await master.client.replicaof('127.0.0.1', replica.port)
    await until(async () => /master_link_status:up/.test(await master.client.info('replication')))
    await pause(200)
    await master.client.replicaof('NO', 'ONE')
    replication.heal()
    await replica.client.replicaof('127.0.0.1', replication.port)
    await until(async () => /master_link_status:up/.test(await replica.client.info('replication')))
  },
}
