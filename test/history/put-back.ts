import type { TestRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'
import { need } from './fault.ts'
import type { World } from './world.ts'

type Redis = NonNullable<World['redis']>

/** Has the replica overwrite the master, which is then promoted again: connections to it stay open all the time. */
export async function putBack({ server, replica }: Redis): Promise<void> {
  const other = need(replica)
  await other.client.replicaof('NO', 'ONE')
  await server.client.replicaof('127.0.0.1', other.port)
  await until(() => isLinked(server))
  await server.client.replicaof('NO', 'ONE')
}

/** Has the replica copy the master, as it did at first. */
export async function copyAgain({ server, replica, copying }: Redis): Promise<void> {
  const [other, line] = [need(replica), need(copying)]
  line.lead(server.port)
  line.heal()
  await other.client.replicaof('127.0.0.1', line.port)
  await until(() => isLinked(other))
}

export async function isLinked({ client }: TestRedis): Promise<boolean> {
  return /master_link_status:up/.test(await client.info('replication'))
}
