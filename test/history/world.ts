import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { startCluster, type TestCluster } from '../support/cluster.ts'
import { startPostgres, type TestPostgres } from '../support/postgres.ts'
import { type Instance, startInstance } from '../support/process.ts'
import { freePort, startRedis, type TestRedis } from '../support/redis.ts'
import { startSentinels, type TestSentinels } from '../support/sentinel.ts'
import { type Line, openLine } from './line.ts'

/** Where sessions are kept. `pair`: a master and a replica; behind a proxy that a failover by hand leads to the other. */
export type Topology = 'single' | 'pair' | 'sentinel' | 'cluster' | 'postgres'

/** What a run is made of. */
export type Setup = {
  topology: Topology
  /** Options of every Redis server. */
  redisArgs?: readonly string[]
  /** More environment for an instance. */
  envOf?: (instance: number) => Record<string, string>
  /** A part of the program to do without (see `server.ts`). */
  without?: 'fence' | 'atomicity'
  idleTimeout: number
  absoluteTimeout: number
}

/** Everything that can be broken. */
export type World = {
  topology: Topology
  urls: readonly string[]
  instances: Instance[]
  /** Ends an instance and starts it again on its port, with other environment if given. */
  restart(i: number, signal: NodeJS.Signals, env?: Record<string, string>): Promise<void>
  postgres: TestPostgres
  /** Between the instances and PostgreSQL. */
  sqlLine: Line
  /** The server that answers, of `single` and `pair`. */
  redis: TestRedis | null
  /** Between the instances and Redis, of `single` and `pair`. */
  line: Line | null
  /** The other server, of `pair`, and the line over which it copies the first. */
  replica: TestRedis | null
  replication: Line | null
  sentinels: TestSentinels | null
  cluster: TestCluster | null
  stop(): Promise<void>
}

const INSTANCES = 3

/** Starts the stores and three instances of the program, all of them real processes. */
export async function openWorld(setup: Setup): Promise<World> {
  const { topology } = setup
  const args = ['--repl-diskless-sync-delay', '0', ...(setup.redisArgs ?? [])]
  const postgres = await startPostgres()
  const sqlLine = await openLine(postgres.port)
  const direct = topology === 'single' || topology === 'pair'
  const redis = direct ? await startRedis(args) : null
  const line = redis === null ? null : await openLine(redis.port)
  const replication = topology === 'pair' && redis !== null ? await openLine(redis.port) : null
  const replica =
    replication === null
      ? null
      : await startRedis([...args, '--replicaof', '127.0.0.1', String(replication.port)])
  const sentinels = topology === 'sentinel' ? await startSentinels(args) : null
  const cluster = topology === 'cluster' ? await startCluster() : null
  const redisUrl =
    line === null ? (sentinels?.url ?? cluster?.url ?? '') : `redis://127.0.0.1:${line.port}`

  const ports: number[] = []
  for (let i = 0; i < INSTANCES; i++) ports.push(await freePort())
  const start = (i: number, env: Record<string, string> = {}) => {
    const skewed = setup.envOf?.(i) ?? {}
    const preloads = ['park', ...('SKEW_MS' in skewed ? ['skew'] : [])]
    return startInstance(
      {
        PORT: String(ports[i]),
        DATABASE_URL: `postgres://oneseat@127.0.0.1:${sqlLine.port}/postgres`,
        ...(redisUrl === '' ? {} : { REDIS_URL: redisUrl }),
        SESSION_SECRET: secret(0),
        IDLE_TIMEOUT: `${setup.idleTimeout}ms`,
        ABSOLUTE_TIMEOUT: `${setup.absoluteTimeout}ms`,
        ARGON2_MEMORY_KIB: '8',
        ARGON2_PASSES: '1',
        SIGNUP: 'open',
        THROTTLE: 'off',
        ...(setup.without === undefined ? {} : { WITHOUT: setup.without }),
        ...skewed,
        ...env,
      },
      {
        program: setup.without === undefined ? 'src/cli.ts' : 'test/history/server.ts',
        nodeArgs: preloads.map((name) => `--import=${PRELOADS}/${name}.ts`),
      },
    )
  }
  const instances = await Promise.all(ports.map((_, i) => start(i)))

  return {
    topology,
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    instances,
    async restart(i, signal, env) {
      await instances[i]?.stop(signal)
      for (let tries = 1; ; tries++) {
        try {
          instances[i] = await start(i, env)
          return
        } catch (error) {
          if (tries === 20) throw error // it does not start while its database is away
        }
      }
    },
    postgres,
    sqlLine,
    redis,
    line,
    replica,
    replication,
    sentinels,
    cluster,
    async stop() {
      await Promise.all(
        instances.map((instance) => {
          instance.signal('SIGCONT')
          return instance.stop('SIGKILL')
        }),
      )
      await Promise.all([sqlLine.close(), line?.close(), replication?.close()])
      await Promise.all([
        redis?.stop(),
        replica?.stop(),
        sentinels?.stop(),
        cluster?.stop(),
        postgres.stop(),
      ])
    },
  }
}

const PRELOADS = pathToFileURL(join(import.meta.dirname, 'preload')).href

/** The secrets of a world that changes them, in order. */
export function secret(i: number): string {
  return `number ${i} of several secrets of a history test`
}
