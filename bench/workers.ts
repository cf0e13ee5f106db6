import { parseArgs } from 'node:util'
import { startRedis } from '../test/support/redis.ts'
import { BARE, BARE_ON_REDIS } from './contenders.ts'
import { askWithoutPause } from './load.ts'
import { ROUND_OPTIONS, roundsOf } from './rounds.ts'
import { startContender } from './servers.ts'
import { median } from './table.ts'

/**
 * npm run bench:workers [-- --smoke --rounds N --seconds N]: what a second worker is worth, to us and to a bare route in the
 * same run. The load generator shares the two cores with them.
 */
const { values } = parseArgs({ options: ROUND_OPTIONS })
const { rounds, seconds } = roundsOf(values, 5)
const CORES = '0,1'
const redis = await startRedis()
const contenders = [
  { name: BARE, file: 'bare-fastify-workers.ts', env: {} },
  { name: BARE_ON_REDIS, file: 'bare-fastify-workers.ts', env: { REDIS_URL: redis.url } },
  {
    name: 'bare Fastify route, which reads Redis as Oneseat does',
    file: 'bare-fastify-workers.ts',
    env: { REDIS_URL: redis.url, READ_AS_ONESEAT: '1' },
  },
  { name: 'Oneseat on Redis', file: 'oneseat.ts', env: { REDIS_URL: redis.url } },
  {
    name: 'Oneseat on Redis, with copies',
    file: 'oneseat.ts',
    env: { REDIS_URL: redis.url, SESSION_CACHE: 'tracked' },
  },
  { name: 'Oneseat on SQLite', file: 'oneseat.ts', env: {} },
].map((contender) => ({ ...contender, one: [] as number[], two: [] as number[] }))

try {
  for (let round = 1; round <= rounds; round++) {
    for (const { name, file, env, one, two } of contenders) {
      process.stderr.write(`round ${round} of ${rounds}: ${name}\n`)
      one.push(await rateOf(file, { ...env, WORKERS: '1' }))
      two.push(await rateOf(file, { ...env, WORKERS: '2' }))
    }
  }
} finally {
  await redis.stop()
}

console.log(
  '| | 1 worker, requests/s | 2 workers | 2 over 1 | lowest | highest |\n|---|---|---|---|---|---|',
)
for (const { name, one, two } of contenders) {
  const factors = two.map((rate, round) => rate / (one[round] ?? Number.NaN))
  const cells = [median(factors), Math.min(...factors), Math.max(...factors)].map((f) => f.toFixed(2))
  console.log(
    `| ${[name, ...[one, two].map((rates) => Math.round(median(rates))), ...cells].join(' | ')} |`,
  )
}

/** Requests a second over 64 connections, after a second to warm up. */
async function rateOf(file: string, env: Record<string, string>): Promise<number> {
  const server = await startContender(file, env, CORES)
  try {
    await askWithoutPause(server, { seconds: 1, connections: 64, cores: CORES })
    const load = await askWithoutPause(server, { seconds, connections: 64, cores: CORES })
    if (load.errors > 0) throw new Error(`${file} answered ${load.errors} times with an error`)
    return load.requestsPerSecond
  } finally {
    await server.stop()
  }
}
