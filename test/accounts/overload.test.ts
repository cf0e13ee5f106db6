import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock } from 'node:test'
import t from 'tap'
import { LIMITS, RETRY } from '../../src/throttle/limits.ts'
import { type Answer, Browser, PASSWORD } from '../support/browser.ts'
import { startInstance } from '../support/process.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const MEMORY_LIMIT_MIB = 400
const LATENCY_LIMIT_MS = 1_000
/** Hashes that take some milliseconds, one at a time. */
const SLOW = { ARGON2_MEMORY_KIB: '4096', ARGON2_PASSES: '2', HASH_CONCURRENCY: '1' }

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

for (const THROTTLE of ['on', 'off'])
  t.test(
    `eighty logins at once to one account are in nobody’s way [THROTTLE=${THROTTLE}]`,
    async (t) => {
      const service = await startService(t, 'sqlite', { env: { ...SLOW, THROTTLE } })
      const names = ['hog', ...Array.from({ length: 30 }, (_, i) => `user${i}`)]
      for (const name of names) await service.register(name)
      const login = async (name: string) => {
        const { status, body } = await service.browser().login(name)
        return status === 503 ? body.code : status
      }
      const many = Array.from({ length: 80 }, () => login('hog'))
      const others = await Promise.all(names.slice(1).map(login))
      t.strictSame(others, Array(30).fill(200), 'each of the others gets in')
      for (const answer of new Set(await Promise.all(many)))
        t.ok([200, 409, 'overloaded'].includes(answer), `${answer}`)
    },
  )

t.test(
  'in a flood of strangers known devices get in, and nobody’s attempt counts in vain',
  async (t) => {
    const service = await startService(t, 'sqlite', {
      env: { ...SLOW, ARGON2_MEMORY_KIB: '19456', TRUST_PROXY: '127.0.0.1' },
    })
    await service.register('ann')
    const laptop = service.browser({ 'x-forwarded-for': '192.0.2.1' })
    await laptop.login('ann')
    const stranger = service.browser({ 'x-forwarded-for': '192.0.2.2' })
    const wrongs = Array.from({ length: LIMITS.name.free + 1 }, () =>
      stranger.login('ann', { password: 'not it' }),
    )
    await Promise.all(wrongs)
    t.teardown(() => mock.timers.reset())
    mock.timers.enable({ apis: ['Date'], now: Date.now() + RETRY.wait * 1000 }) // it may try again now
    const flood = Array.from({ length: 120 }, (_, i) =>
      service.browser({ 'x-forwarded-for': `198.51.100.${i}` }).login(`nobody${i}`),
    )
    await until(() => service.parts.passwords.counts().waiting === 64)
    const [known, ...unknown] = await Promise.all([
      laptop.login('ann'),
      ...Array.from({ length: 10 }, () => stranger.login('ann', { password: 'not it' })),
    ])
    t.equal(known.status, 200)
    for (const { status, body } of unknown)
      t.match({ status, body }, { status: 503, body: { code: 'overloaded' } })
    await Promise.all(flood)
    t.equal((await stranger.login('ann')).status, 200, 'it still may')
  },
)
