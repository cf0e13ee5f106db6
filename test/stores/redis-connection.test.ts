import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Browser, PASSWORD } from '../support/browser.ts'
import { startInstance } from '../support/process.ts'
import { CHEAP_HASHES, SECRET } from '../support/service.ts'
import { startTlsCluster, type TlsCluster } from '../support/tls-cluster.ts'
import { until } from '../support/until.ts'

/** What the nodes of a Cluster tell of each other. */
const TELL = {
  'addresses, as by default': [],
  names: ['--cluster-announce-hostname', 'localhost', '--cluster-preferred-endpoint-type', 'hostname'],
}

for (const [what, args] of Object.entries(TELL)) {
  t.test(`a Cluster with certificates for names, whose nodes tell ${what}`, async (t) => {
    const cluster = await startTlsCluster('localhost', args)
    t.teardown(() => cluster.stop())
    const { url, logs } = await start(t, cluster, 'localhost')
    for (const name of ['ann', 'bob', 'cy', 'dan', 'eve']) {
      const browser = new Browser(url)
      await browser.post('/register', { username: name, password: PASSWORD })
      await until(async () => (await browser.login(name)).status === 200)
      t.equal((await browser.get('/me')).status, 200, `${name}, whose record is on any of the nodes`)
    }
    t.notMatch(JSON.stringify(logs), /altnames/)
  })
}

t.test('a certificate for another name is not taken, and the log says so', async (t) => {
  const cluster = await startTlsCluster('redis.example')
  t.teardown(() => cluster.stop())
  for (const host of ['localhost', '127.0.0.1']) {
    const { url, logs } = await start(t, cluster, host)
    const told = () => logs.filter(({ reason }) => /altnames/.test(String(reason)))
    await until(() => told().length === 3, 60_000)
    t.strictSame(
      told()
        .map(({ node, event }) => [node, event])
        .sort(),
      cluster.ports.map((port) => [`${host}:${port}`, 'redis_error']).sort(),
    )
    t.equal((await new Browser(url).get('/health/ready')).status, 503)
    await until(
      () => logs.filter(({ event, node }) => event === 'redis_error' && node === undefined).length > 3,
      60_000,
    )
    t.equal(told().length, 3, 'each node once')
  }
})

async function start(t: Test, { ports, certificate }: TlsCluster, host: string) {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-tls-'))
  const env = {
    ...CHEAP_HASHES,
    DATABASE_URL: `file:${join(dir, 'oneseat.db')}`,
    SESSION_SECRET: SECRET,
    REDIS_URL: `rediss+cluster://${ports.map((port) => `${host}:${port}`).join(',')}`,
    NODE_EXTRA_CA_CERTS: certificate,
  }
  const instance = await startInstance(env, { counted: true })
  t.teardown(async () => {
    await instance.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  return instance
}
