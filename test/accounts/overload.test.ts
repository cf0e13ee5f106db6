import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type Answer, Browser, PASSWORD } from '../support/browser.ts'
import { startInstance } from '../support/process.ts'

const MEMORY_LIMIT_MIB = 400
const LATENCY_LIMIT_MS = 1_000

t.test(
  'A 15.1.3, 15.2.2: five hundred logins at once cost bounded memory and nobody else their answer',
  async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'oneseat-overload-'))
    const instance = await startInstance({
      DATABASE_URL: `file:${join(dir, 'oneseat.db')}`,
      HASH_CONCURRENCY: '1',
      THROTTLE: 'off',
    })
    t.teardown(async () => {
      await instance.stop()
      rmSync(dir, { recursive: true, force: true })
    })
    const ann = new Browser(instance.url)
    await ann.post('/register', { username: 'ann', password: PASSWORD })
    t.equal((await ann.login('ann')).status, 200)

    let over = false
    const flood = Promise.all(
      Array.from({ length: 500 }, (_, i) => new Browser(instance.url).login(`user${i}`)),
    ).finally(() => {
      over = true
    })
    const latencies: number[] = []
    while (!over) {
      const before = performance.now()
      const { status } = await ann.get('/me')
      latencies.push(performance.now() - before)
      if (status !== 200) t.fail(`who is signed in got ${status}`)
    }
    const answers = await flood
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length
    t.equal(count(401) + count(503), 500, 'every login is answered')
    t.ok(count(503) > 0, 'those that would wait too long are told so')
    t.ok(count(401) > 64, 'the queue is worked off')
    const refused = answers.find(({ status }) => status === 503) as Answer
    t.match(refused.body, { code: 'overloaded' })
    t.match(refused.headers.get('retry-after'), /^[1-9]\d*$/)

    const peakMib =
      Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${instance.pid}/status`, 'utf8'))?.[1]) / 1024
    t.ok(peakMib < MEMORY_LIMIT_MIB, `peak of ${Math.round(peakMib)} MiB`)
    const p99 =
      latencies.sort((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? Number.POSITIVE_INFINITY
    t.ok(p99 < LATENCY_LIMIT_MS, `p99 of ${Math.round(p99)} ms over ${latencies.length} requests`)
    t.comment(
      `peak ${Math.round(peakMib)} MiB, p99 of /me ${Math.round(p99)} ms, ${count(401)} verified, ${count(503)} refused`,
    )
    t.equal((await ann.login('ann')).status, 200, 'afterwards all is well')
  },
)
