import { isIP } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis'
import type { RedisPlace } from '../settings/redis-url.ts'

/** Opens a client for the servers in `REDIS_URL`. It connects by itself; `stayConnected` keeps it connected. */
export function openRedis(place: RedisPlace): Redis | Cluster {
  const { kind, hosts, tls, master } = place
  const options = connectionOptions(place)
  if (kind === 'cluster') {
    const cluster = new Cluster([...hosts], {
      ...CLUSTER_LIMITS,
      // Without this ioredis resolves each host first, and its certificate would have to be for the address.
      ...(tls ? { dnsLookup: (host, done) => done(null, host) } : {}),
      redisOptions: options,
    })
    connectToMasters(cluster)
    return cluster
  }
  if (kind === 'sentinel') {
    return new Redis({
      ...options,
      name: master,
      sentinels: [...hosts],
      sentinelCommandTimeout: 1_000,
      sentinelRetryStrategy: RETRY,
      failoverDetector: true,
      ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: options.tls } : {}),
    })
  }
  return new Redis({ ...options, ...hosts[0] })
}

/** Connects to all masters. Otherwise the first command would connect, and commands in the meantime would be refused. */
function connectToMasters(cluster: Cluster): void {
  const connect = () => {
    if (cluster.status !== 'ready') return // ioredis treats a connecting node as one that does not answer
    for (const node of cluster.nodes('master'))
      if (node.status === 'wait') node.connect().catch(() => {}) // the next command tries again, and reports the reason
  }
  cluster.on('ready', connect)
  cluster.on('+node', connect)
}

/**
 * Another client for the same server or Cluster, with our limits. It connects by itself, because nothing would have the one that
 * listens connect, and takes numbers as numbers.
 */
export function duplicateRedis(client: Redis | Cluster): Redis | Cluster {
  if (client instanceof Redis)
    return client.duplicate({ ...LIMITS, lazyConnect: false, stringNumbers: false })
  const redisOptions = { ...client.options.redisOptions, ...LIMITS, stringNumbers: false }
  // The client takes its own options back; its types are narrower than they are.
  return client.duplicate([], { ...CLUSTER_LIMITS, redisOptions } as Parameters<Cluster['duplicate']>[1])
}

/** The options for connecting to each server. */
export function connectionOptions({ hosts, tls, username, password, db }: RedisPlace) {
  return {
    ...LIMITS,
    db,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls ? { tls: { checkServerIdentity: identityCheck(hosts.map(({ host }) => host)) } } : {}),
  } satisfies RedisOptions
}

/**
 * Checks the certificate of a node. A Cluster or Sentinels often give only addresses of nodes, while certificates are for names.
 * Then the certificate has to be for a host in `REDIS_URL`.
 */
function identityCheck(names: readonly string[]): typeof checkServerIdentity {
  return (host, certificate) => {
    const error = checkServerIdentity(host, certificate)
    if (error === undefined || isIP(host) === 0) return error
    return names.some((name) => checkServerIdentity(name, certificate) === undefined) ? undefined : error
  }
}

const RETRY = (attempt: number) => Math.min(50 * 2 ** attempt, 1_000)

/**
 * Every command is answered or refused soon, runs at most once, and never waits for a new connection. A silent connection is
 * closed. If a server says that it is not a master, we disconnect and look for the master again.
 */
const LIMITS = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 1_000,
  commandTimeout: 1_000,
  socketTimeout: 1_500,
  retryStrategy: RETRY,
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions

const CLUSTER_LIMITS = {
  lazyConnect: false,
  enableOfflineQueue: false,
  scaleReads: 'master',
  // With 0 a command whose connection broke is not sent again, because it may have run. A MOVED command has not run, and is sent
  // again.
  retryDelayOnFailover: 0,
  retryDelayOnClusterDown: 0,
  slotsRefreshTimeout: 1_000,
  slotsRefreshInterval: 1_000,
  clusterRetryStrategy: RETRY,
} satisfies ClusterOptions
