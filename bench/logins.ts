import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { argon2id, hash, verify } from 'argon2'
import { Browser, PASSWORD } from '../test/support/browser.ts'
import { startInstance } from '../test/support/process.ts'
import { startRedis } from '../test/support/redis.ts'
import { askWithoutPause } from './load.ts'
import { ROUND_OPTIONS, roundsOf } from './rounds.ts'
import { residentMiB } from './servers.ts'
import { median } from './table.ts'

/**
 * Logins without a pause over 64 connections, and what they leave for others: npm run bench:logins [-- --rounds N --seconds N]
 * For one hash at a time and for more: bare argon2 in the same run, logins alone, `GET /me` alone, and both at once.
 */
const { values } = parseArgs({ options: ROUND_OPTIONS })
const { rounds: ROUNDS, seconds: SECONDS } = roundsOf(values, 3)
const CORES = Array.from({ length: availableParallelism() }, (_, i) => i).join()
const USERS = 64

type Round = {
  bare: number
  logins: number
  calm: { rate: number; p99: number }
  busy: { rate: number; p99: number; logins: number }
  codes: Record<string, number>
  memory: number
}

console.log(
  '| hashes at once | bare argon2, a second | logins, a second | of bare | calm GET /me, requests/s | p99 ms | with logins | of calm | p99 ms | logins then | other answers | most memory MiB |',
)
console.log(`|${' ---: |'.repeat(12)}`)
const redis = await startRedis()
for (const concurrency of [1, 2, 4]) {
  const rounds: Round[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(concurrency))
  const of = (pick: (round: Round) => number) => median(rounds.map(pick))
  const codes = new Set(rounds.flatMap((round) => Object.keys(round.codes)))
  const cells = [
    concurrency,
    of((r) => r.bare).toFixed(1),
    of((r) => r.logins).toFixed(1),
    percent(of((r) => r.logins / r.bare)),
    Math.round(of((r) => r.calm.rate)),
    of((r) => r.calm.p99).toFixed(1),
    Math.round(of((r) => r.busy.rate)),
    percent(of((r) => r.busy.rate / r.calm.rate)),
    of((r) => r.busy.p99).toFixed(1),
    of((r) => r.busy.logins).toFixed(1),
    [...codes].filter((code) => code !== '200').join() || 'none',
    Math.round(Math.max(...rounds.map((r) => r.memory))),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
await redis.stop()

async function measure(concurrency: number): Promise<Round> {
  const bare = await bareRate(concurrency)
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-bench-'))
  const { url, pid, stop } = await startInstance({
    DATABASE_URL: `file:${join(dir, 'bench.db')}`,
    REDIS_URL: redis.url,
    HASH_CONCURRENCY: String(concurrency),
    THROTTLE: 'off',
  })
  const names = Array.from({ length: USERS }, (_, i) => `user-${pid}-${i}`)
  for (const username of names)
    await new Browser(url).post('/register', { username, password: PASSWORD })
  const device = new Browser(url)
  await device.post('/register', { username: `me-${pid}`, password: PASSWORD })
  await device.login(`me-${pid}`)
  const asker = { url: `${url}/me`, cookie: `oneseat=${device.jar.get('oneseat')}` }
  const stretch = { seconds: SECONDS, connections: 64, cores: CORES }
  await askWithoutPause(asker, { ...stretch, seconds: 1 })

  const calm = await askWithoutPause(asker, stretch)
  const alone = await logInWithoutPause(url, names).done
  const load = logInWithoutPause(url, names)
  const busy = await askWithoutPause(asker, stretch)
  const memory = residentMiB(pid)
  const together = await load.done
  await stop()
  rmSync(dir, { recursive: true })
  return {
    bare,
    logins: alone.rate,
    calm: { rate: calm.requestsPerSecond, p99: calm.p99 },
    busy: { rate: busy.requestsPerSecond, p99: busy.p99, logins: together.rate },
    codes: { ...alone.codes, ...together.codes },
    memory,
  }
}

/** What argon2 does by itself with so many threads and the parameters of the default settings. */
async function bareRate(concurrency: number): Promise<number> {
  const stored = await hash(PASSWORD, {
    type: argon2id,
    memoryCost: 19_456,
    timeCost: 2,
    parallelism: 1,
  })
  const start = performance.now()
  const end = start + SECONDS * 1000
  let done = 0
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (; performance.now() < end; done++) await verify(stored, PASSWORD)
    }),
  )
  return done / ((performance.now() - start) / 1000)
}

type Logins = { rate: number; codes: Record<string, number> }

/** 64 connections, each with a user of its own, from a process of their own. */
function logInWithoutPause(url: string, names: readonly string[]): { done: Promise<Logins> } {
  const script = join(import.meta.dirname, 'login-load.ts')
  const child: ChildProcess = spawn(process.execPath, [script, url, String(SECONDS), ...names], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout?.on('data', (chunk) => {
    text += chunk
  })
  return { done: new Promise((done) => child.once('close', () => done(JSON.parse(text) as Logins))) }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
