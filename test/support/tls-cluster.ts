import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from './certificate.ts'
import { freePort, startRedis, type TestRedis } from './redis.ts'
import { until } from './until.ts'

/** A Redis Cluster of three masters that speak TLS, all with one certificate, as those that one can rent. */
export type TlsCluster = {
  /** Where its nodes listen for TLS. */
  ports: readonly number[]
  /** The certificate, which is its own authority. */
  certificate: string
  stop(): Promise<void>
}

/** Starts it with a certificate for one name in the DNS. `args` are options of every `redis-server`. */
export async function startTlsCluster(name: string, args: readonly string[] = []): Promise<TlsCluster> {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-tls-cluster-'))
  const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  makeCertificate(name, key, certificate)
  const ports = await Promise.all(SLOTS.map(freePort))
  const buses = await Promise.all(SLOTS.map(freePort))
  const nodes = await Promise.all(
    ports.map((port, i) =>
      startRedis([
        ...['--tls-port', String(port), '--tls-cert-file', certificate, '--tls-key-file', key],
        ...['--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no', '--tls-cluster', 'yes'],
        ...['--cluster-enabled', 'yes', '--cluster-port', String(buses[i]), ...args],
      ]),
    ),
  )
  for (const [i, { client }] of nodes.entries()) {
    await client.call('CLUSTER', 'ADDSLOTSRANGE', ...(SLOTS[i] ?? []))
    await client.call('CLUSTER', 'MEET', '127.0.0.1', ports[0] as number, buses[0] as number)
  }
  await until(async () => (await Promise.all(nodes.map(isComplete))).every(Boolean), 20_000)
  return {
    ports,
    certificate,
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function isComplete({ client }: TestRedis): Promise<boolean> {
  const info = String(await client.cluster('INFO'))
  return /cluster_state:ok/.test(info) && /cluster_known_nodes:3/.test(info)
}

const SLOTS = [
  [0, 5460],
  [5461, 10922],
  [10923, 16383],
] as const
