import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Browser, PASSWORD } from '../test/support/browser.ts'
import { startInstance } from '../test/support/process.ts'
import { startRedis } from '../test/support/redis.ts'

/**
 * How long an ended session is let in elsewhere: npm run bench:staleness [-- kicks]. A login on one instance is answered; from
 * then on the old cookie asks on two others without a pause, until each has refused it. Without copies, and with them.
 */
const KICKS = Number(process.argv[2] ?? 2_000)

console.log('| `SESSION_CACHE` | kicks | let in after the answer | p50 ms | p99 ms | max ms |')
console.log('| --- | ---: | ---: | ---: | ---: | ---: |')
for (const cache of ['off', 'tracked']) {
  const redis = await startRedis()
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-bench-'))
  const env = {
    DATABASE_URL: `file:${join(dir, 'bench.db')}`,
    REDIS_URL: redis.url,
    SESSION_CACHE: cache,
    ARGON2_MEMORY_KIB: '8',
    ARGON2_PASSES: '1',
    THROTTLE: 'off',
  }
  const here = await startInstance(env)
  const others = [await startInstance(env), await startInstance(env)]
  await new Browser(here.url).post('/register', { username: 'ann', password: PASSWORD })
  const delays: number[] = []
  for (let kick = 0; kick < KICKS; kick++) delays.push(await kickOnce(here.url, others))
  const letIn = delays.filter((delay) => delay > 0).length
  delays.sort((a, b) => a - b)
  const at = (share: number) => (delays[Math.min(KICKS - 1, Math.floor(KICKS * share))] ?? 0).toFixed(2)
  console.log(`| ${cache} | ${KICKS} | ${letIn} | ${at(0.5)} | ${at(0.99)} | ${at(1)} |`)
  for (const instance of [here, ...others]) await instance.stop()
  await redis.stop()
  rmSync(dir, { recursive: true })
}

/** How long after the answer to the new login an old cookie was still let in somewhere; 0 if nowhere. */
async function kickOnce(url: string, others: readonly { url: string }[]): Promise<number> {
  const old = new Browser(url)
  await old.login('ann')
  const elsewhere = others.map((other) => old.copy(other.url))
  for (const device of elsewhere) for (let i = 0; i < 3; i++) await device.get('/me')
  await new Browser(url).login('ann')
  const answered = performance.now()
  return Math.max(...(await Promise.all(elsewhere.map((device) => lastLetIn(device, answered)))))
}

/** When the last request that was let in was sent, milliseconds after `since`; 0 if none was. */
async function lastLetIn(device: Browser, since: number): Promise<number> {
  for (let last = 0; ; ) {
    const sent = performance.now() - since
    const { status } = await device.get('/me')
    if (status === 401) return last
    if (status !== 200) throw new Error(`GET /me answered ${status}`)
    last = sent
  }
}
