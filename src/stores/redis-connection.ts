import { isIP } from 'node:net'
import { checkServerIdentity } from 'node:tls'
import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis'
import type { RedisPlace } from '../settings/redis-url.ts'

/** Opens a client for what `REDIS_URL` names. It connects by itself; `stayConnected` keeps it so. */
export function openRedis(place: RedisPlace): Redis | Cluster {
  const { kind, hosts, tls, master } = place
  const options = connectionOptions(place)
  if (kind === 'cluster') {
    const cluster = new Cluster([...hosts], {
      ...CLUSTER_LIMITS,
      // Else each host is looked up first, and its certificate would have to be for the address.
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

/** Else the first command for a master would connect to it, and those that come meanwhile would be refused. */
function connectToMasters(cluster: Cluster): void {
  const connect = () => {
    if (cluster.status !== 'ready') return // ioredis would take a node that is connecting for one that does not answer
    for (const node of cluster.nodes('master'))
      if (node.status === 'wait') node.connect().catch(() => {}) // the next command tries again, and says why not
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

/** How each server of the place is connected to. */
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
 * Nodes that Cluster or Sentinels tell of are often known by address only, while certificates are for names. Then the
 * certificate has to be for a host that `REDIS_URL` names.
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
 * Every command is answered or refused soon, runs at most once, and never waits for a connection to come back. One that
 * is silent is closed, and a server that says it is no master is left: then we find out anew who is.
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
  // 0: a command whose connection broke may have run, so it is never sent again; a MOVED one has not, and is.
  retryDelayOnFailover: 0,
  retryDelayOnClusterDown: 0,
  slotsRefreshTimeout: 1_000,
  slotsRefreshInterval: 1_000,
  clusterRetryStrategy: RETRY,
} satisfies ClusterOptions
