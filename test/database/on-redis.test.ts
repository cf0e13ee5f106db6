import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { Browser } from '../support/browser.ts'
import { makeCertificate } from '../support/certificate.ts'
import { startInstance } from '../support/process.ts'
import { freePort, startRedis } from '../support/redis.ts'
import { CHEAP_HASHES, SECRET, startService } from '../support/service.ts'
import { until } from '../support/until.ts'

t.test('over TLS, with the authority that NODE_EXTRA_CA_CERTS names, and not without', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-tls-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  makeCertificate('localhost', key, certificate)
  const port = await freePort()
  const redis = await startRedis([
    ...['--tls-port', String(port), '--tls-cert-file', certificate, '--tls-key-file', key],
    ...['--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no'],
  ])
  t.teardown(() => redis.stop())
  const REDIS_URL = `rediss://localhost:${port}`
  const trusting = await startWith(t, { REDIS_URL, NODE_EXTRA_CA_CERTS: certificate })
  t.equal((await trusting.login('ann')).status, 200)
  const wary = await startWith(t, { REDIS_URL })
  t.equal((await wary.login('ann')).status, 503)
})

t.test('a password that Redis refuses is not in the log', async (t) => {
  const redis = await startRedis()
  t.teardown(() => redis.stop())
  await redis.client.config('SET', 'requirepass', 'another')
  const REDIS_URL = redis.url.replace('redis://', 'redis://:the-password-we-have@')
  const instance = await startInstance({
    ...CHEAP_HASHES,
    REDIS_URL,
    DATABASE_URL: 'file::memory:',
    SESSION_SECRET: SECRET,
    LOG_LEVEL: 'trace',
  })
  t.teardown(() => instance.stop())
  await until(() => instance.logs.some(({ event }) => event === 'redis_error'))
  t.notMatch(JSON.stringify(instance.logs), /the-password-we-have/)
})

async function startWith(t: Test, env: Record<string, string>): Promise<Browser> {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-test-'))
  const DATABASE_URL = `file:${join(dir, 'oneseat.db')}`
  const instance = await startInstance({ ...CHEAP_HASHES, DATABASE_URL, SIGNUP: 'open', ...env })
  t.teardown(async () => {
    await instance.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  const browser = new Browser(instance.url)
  await browser.post('/register', { username: 'ann', password: 'a test needs no secrets' })
  return browser
}

t.test('a client that has given up tries again, as after a failover at the wrong moment', async (t) => {
  const service = await startService(t, 'redis')
  await service.register('ann')
  const browser = service.browser()
  await browser.login('ann')
  const client = service.app.redis as Redis
  const ended = new Promise((done) => client.once('end', done))
  // Private, and the only place where that moment can be met.
  const { connector } = client as unknown as { connector: { connect(emit: unknown): Promise<unknown> } }
  const connect = connector.connect.bind(connector)
  connector.connect = (emit) => {
    connector.connect = connect
    const connecting = connect(emit)
    client.disconnect(true) // what the news of a failover does
    return connecting
  }
  client.disconnect(true)
  await ended
  await until(async () => (await browser.get('/me')).status === 200)
})
