import { type Cluster, Redis } from 'ioredis'
import type { RedisPlace } from '../settings/redis-url.ts'
import { connectionOptions } from './redis-connection.ts'

/** Why a node of a Cluster cannot be used. */
type NodeError = { node: string; reason: string }

type Host = RedisPlace['hosts'][number]

/**
 * Reports why nodes of a Cluster cannot be used, each reason once until the Cluster works again. For the hosts in `REDIS_URL`
 * ioredis says only that none of them answered. So this connects to them once more, to learn the reason.
 */
export function tellNodeErrors(
  cluster: Cluster,
  place: RedisPlace,
  tell: (error: NodeError) => void,
): void {
  const told = new Set<string>()
  let askedAt = Number.NEGATIVE_INFINITY
  cluster.on('ready', () => {
    told.clear()
    askedAt = Number.NEGATIVE_INFINITY
  })
  cluster.on('node error', ({ message }: Error, node: string) => tellOnce({ node, reason: message }))
  cluster.on('error', () => {
    if (performance.now() - askedAt < ASK_EVERY) return
    askedAt = performance.now()
    for (const host of place.hosts) void ask(host)
  })

  async function ask(host: Host): Promise<void> {
    const reason = await connectionProblem(place, host)
    if (reason !== null) tellOnce({ node: `${host.host}:${host.port}`, reason })
  }

  function tellOnce(error: NodeError): void {
    const line = `${error.node} ${error.reason}`
    if (error.reason === CLOSED || told.has(line)) return
    told.add(line)
    tell(error)
  }
}

/** Connects to a server and gives the reason why that fails; null if it works. */
async function connectionProblem(place: RedisPlace, host: Host): Promise<string | null> {
  const options = connectionOptions(place)
  const probe = new Redis({ ...options, ...host, lazyConnect: true, retryStrategy: () => null })
  let reason: string | null = null
  probe.on('error', ({ message }) => {
    reason ??= message
  })
  await probe.connect().catch(() => {}) // the event says more
  probe.disconnect()
  return reason
}

/** The message of ioredis for every waiting command when a connection is lost, for any reason. */
const CLOSED = 'Connection is closed.'

/** Milliseconds. */
const ASK_EVERY = 10_000
