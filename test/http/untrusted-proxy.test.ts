import t, { type Test } from 'tap'
import { Browser } from '../support/browser.ts'
import { startInstance } from '../support/process.ts'
import { sharedStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const FORWARDED = { 'x-forwarded-for': '203.0.113.7' }

t.test('a proxy that TRUST_PROXY does not name is told of, once', async (t) => {
  const { url, told } = await start(t, {})
  await new Browser(url).get('/health/live')
  t.strictSame(told(), [])
  for (let i = 0; i < 20; i++)
    await new Browser(url, { 'x-forwarded-for': `203.0.113.${i}` }).get('/health/live')
  await until(() => told().length > 0)
  t.match(told(), [{ level: 40, ip: '127.0.0.1', msg: /TRUST_PROXY/ }])
  t.equal(told().length, 1)
})

t.test('so is one beside those that it names, and these are not', async (t) => {
  const trusted = await start(t, { TRUST_PROXY: '127.0.0.1' })
  for (const headers of [
    FORWARDED,
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-forwarded-for': 'unknown' },
  ])
    await new Browser(trusted.url, headers).get('/health/live')
  t.strictSame(trusted.told(), [])
  const another = await start(t, { TRUST_PROXY: '192.0.2.0/24, ::1' })
  await new Browser(another.url, FORWARDED).get('/health/live')
  await until(() => another.told().length === 1)
})

async function start(t: Test, env: Record<string, string>) {
  const { url, logs, stop } = await startInstance({ ...(await sharedStores(t, 'sqlite')), ...env })
  t.teardown(() => stop())
  return { url, told: () => logs.filter(({ event }) => event === 'untrusted_proxy') }
}
