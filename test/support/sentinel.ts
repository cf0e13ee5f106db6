import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { endWithUs } from './children.ts'
import { freePort, REDIS_SERVER, startRedis, type TestRedis } from './redis.ts'
import { until } from './until.ts'

/** A master and a replica that three real Sentinels watch. */
export type TestSentinels = {
  url: string
  servers: readonly TestRedis[]
  /** The one that the Sentinels now call master. */
  master(): Promise<TestRedis>
  stop(): Promise<void>
}

/** Starts them all, and waits until every Sentinel knows the others and the replica. */
export async function startSentinels(args: readonly string[] = []): Promise<TestSentinels> {
  const options = ['--repl-diskless-sync-delay', '0', ...args]
  const first = await startRedis(options)
  const second = await startRedis([...options, '--replicaof', '127.0.0.1', String(first.port)])
  await until(async () => /master_link_status:up/.test(await second.client.info('replication')))
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-sentinel-'))
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(dir, first.port)))
  const asked = sentinels[0] as Sentinel
  await until(async () => {
    const masters = await Promise.all(
      sentinels.map(({ client }) => client.call('SENTINEL', 'MASTER', MASTER)),
    )
    return masters.every((master) => /num-slaves,1.*num-other-sentinels,2/.test(String(master)))
  }, 20_000)

  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${MASTER}`,
    servers: [first, second],
    async master() {
      const [, port] = (await asked.client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER)) as [
        string,
        string,
      ]
      const server = [first, second].find((candidate) => candidate.port === Number(port))
      if (server === undefined) throw new Error(`no server at ${port}`)
      return server
    },
    async stop() {
      for (const { child, client } of sentinels) {
        client.disconnect()
        child.kill('SIGKILL')
      }
      await first.stop()
      await second.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

type Sentinel = { port: number; child: ChildProcess; client: Redis }

async function startSentinel(dir: string, masterPort: number): Promise<Sentinel> {
  const port = await freePort()
  const file = join(dir, `${port}.conf`) // a Sentinel writes what it learns into its configuration
  writeFileSync(
    file,
    [
      `port ${port}`,
      `dir ${dir}`,
      `sentinel monitor ${MASTER} 127.0.0.1 ${masterPort} 2`,
      `sentinel down-after-milliseconds ${MASTER} 800`,
      `sentinel failover-timeout ${MASTER} 4000`,
    ].join('\n'),
  )
  const child = endWithUs(spawn(REDIS_SERVER, [file, '--sentinel'], { stdio: 'ignore' }))
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20 })
  client.on('error', () => {})
  await client.ping()
  return { port, child, client }
}

const MASTER = 'seats'
