import { until } from '../../support/until.ts'
import { type Fault, need, pause } from '../fault.ts'

export const fault: Fault = {
  name: 'replica-promoted',
  about: 'a replica that missed the last 300 ms is promoted by hand after kill -9 of the master',
  topologies: ['pair'],
  async strike(world) {
    const [master, replica] = [need(world.redis), need(world.replica)]
    const [line, replication] = [need(world.line), need(world.replication)]
    replication.cut()
    await pause(300)
    await master.kill()
    await replica.client.replicaof('NO', 'ONE')
    line.lead(replica.port)
    line.drop()

    // The old master comes back as the replica of the new one.
    replication.lead(replica.port)
    replication.heal()
    await master.start()
    await master.client.replicaof('127.0.0.1', replication.port)
    world.redis = replica
    world.replica = master
    await until(async () => /master_link_status:up/.test(await master.client.info('replication')))
  },
}
