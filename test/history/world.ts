import { startCluster, type TestCluster } from '../support/cluster.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { startSentinels, type TestSentinels } from '../support/sentinel.ts'
import type { Policy, Window } from './history.ts'
import { type Instances, startInstances } from './instances.ts'
import { type Control, type Line, openLine, together } from './line.ts'

/** Where sessions are kept. `pair`: a master and a replica; behind a proxy that a failover by hand leads to the other. */
export type Topology = 'single' | 'pair' | 'sentinel' | 'cluster' | 'postgres'

/** What a run is made of. */
export type Setup = {
  topology: Topology
  /** How many processes of the program; three if it does not say. */
  instances?: number
  policy: Policy
  idleTimeout: number
  absoluteTimeout: number
  /** Options of every Redis server. */
  redisArgs?: readonly string[]
  /** More environment for an instance. */
  envOf?: (instance: number) => Record<string, string>
  /** Whether PostgreSQL has a hot standby. */
  standby?: boolean
  /** A part of the program to do without (see `server.ts`). */
  without?: 'fence' | 'atomicity'
}

/** A server and its replica, and the line over which it copies. */
type Copied<T> = { server: T; replica: T | null; copying: Line | null }

/** Everything that can be broken. */
export type World = {
  topology: Topology
  idleTimeout: number
  instances: Instances
  /** PostgreSQL, and between it and all instances, or each. */
  sql: Copied<TestPostgres>
  sqlLine: Control
  sqlLines: readonly Line[]
  /** Redis, of `single` and `pair`, where it has a replica; and between it and all instances, or each. */
  redis: Copied<TestRedis> | null
  line: Control | null
  lines: readonly Line[]
  sentinels: TestSentinels | null
  cluster: TestCluster | null
  /** Where a fault writes from when to when an older state may be believed, as `docs/consistency.md` says. */
  believed: Window[]
  /** While a fault keeps SQL away. */
  sqlAway: Window[]
  stop(): Promise<void>
}

/** Starts the stores and some instances of the program, all of them real processes. */
export async function openWorld(setup: Setup): Promise<World> {
  const { topology, instances: count = 3 } = setup
  const args = ['--repl-diskless-sync-delay', '0', ...(setup.redisArgs ?? [])]
  const direct = topology === 'single' || topology === 'pair'
  const [sql, redis, sentinels, cluster] = await Promise.all([
    startSql(setup.standby ?? false),
    direct ? startCopied(topology === 'pair', args) : null,
    topology === 'sentinel' ? startSentinels(args) : null,
    topology === 'cluster' ? startCluster() : null,
  ])
  const sqlLines = await openLines(count, sql.server.port)
  const lines = redis === null ? [] : await openLines(count, redis.server.port)
  const addresses = sqlLines.map(({ port }, i) => {
    const line = lines[i]
    const url = line === undefined ? (sentinels?.url ?? cluster?.url) : `redis://127.0.0.1:${line.port}`
    return {
      DATABASE_URL: `postgres://oneseat@127.0.0.1:${port}/postgres`,
      ...(url === undefined ? {} : { REDIS_URL: url }),
    }
  })
  const instances = await startInstances(setup, addresses).catch(async (error) => {
    await stopStores()
    throw error
  })

  return {
    topology,
    idleTimeout: setup.idleTimeout,
    instances,
    sql,
    sqlLine: together(sqlLines),
    sqlLines,
    redis,
    line: redis === null ? null : together(lines),
    lines,
    sentinels,
    cluster,
    believed: [],
    sqlAway: [],
    async stop() {
      await instances.stop()
      await stopStores()
    },
  }

  async function stopStores(): Promise<void> {
    const all = [...lines, ...sqlLines, redis?.copying, sql.copying]
    await Promise.all(all.map((line) => line?.close()))
    const servers = [redis?.server, redis?.replica, sentinels, cluster, sql.replica, sql.server]
    await Promise.all(servers.map((server) => server?.stop()))
  }
}

async function startSql(withStandby: boolean): Promise<Copied<TestPostgres>> {
  const server = await startPostgres()
  if (!withStandby) return { server, replica: null, copying: null }
  const copying = await openLine(server.port)
  return { server, replica: await startPostgres({ standbyOf: server.port, by: copying.port }), copying }
}

async function startCopied(withReplica: boolean, args: readonly string[]): Promise<Copied<TestRedis>> {
  const server = await startRedis(args)
  if (!withReplica) return { server, replica: null, copying: null }
  const copying = await openLine(server.port)
  const replica = await startRedis([...args, '--replicaof', '127.0.0.1', String(copying.port)])
  return { server, replica, copying }
}

function openLines(count: number, port: number): Promise<Line[]> {
  return Promise.all(Array.from({ length: count }, () => openLine(port)))
}
