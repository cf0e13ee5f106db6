import { RateLimiterMemory } from 'rate-limiter-flexible'
import { countersOn, NUMBERS } from '../../src/throttle/counters.ts'
import { redisCounters } from '../../src/throttle/redis.ts'
import { throttleWith } from '../../src/throttle/throttle.ts'
import { startRedis } from '../support/redis.ts'

/**
 * `npm run flood -- COUNT`: so many wrong passwords, each for another name from another network, and what that leaves
 * behind, in this process and then in Redis: a million by default. The counters have to stay bounded (`BUCKETS` of each
 * kind), and each has to end by itself.
 */
const count = Number(process.argv[2] ?? 1_000_000)
const wrong = async () => ({ verified: false })

const memory = new RateLimiterMemory(NUMBERS)
const before = heap()
print('in this process', await flood(throttleWith(countersOn(memory), 'the secret of the flood')))
const { storage } = memory.dump()
const endless = storage.filter(({ expiresAt }) => expiresAt === null).length
print(`${storage.length} counters, ${endless} without an end, ${Math.round(heap() - before)} MiB`)

const redis = await startRedis()
const inRedis = redisCounters(redis.client, { patience: 60_000 })
print('in Redis', await flood(throttleWith(inRedis, 'the secret of the flood')))
const keys = Number(await redis.client.dbsize())
const used = /^used_memory_human:(\S+)/m.exec(await redis.client.info('memory'))?.[1]
const ending = /expires=(\d+)/.exec(await redis.client.info('keyspace'))?.[1]
print(`${keys} keys, ${keys - Number(ending)} without an end, ${used}`)
await redis.stop()

async function flood(throttle: ReturnType<typeof throttleWith>): Promise<string> {
  const begun = performance.now()
  let next = 0
  let verified = 0
  await Promise.all(
    Array.from({ length: 200 }, async () => {
      while (next < count) {
        const i = next++
        const address = `2001:db8:${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}::1`
        const attempt = { username: `user${i}`, address, device: null }
        const verdict = await throttle(attempt, wrong).catch(() => null)
        if (verdict !== null) verified++
      }
    }),
  )
  return `${count} names and networks in ${Math.round((performance.now() - begun) / 1000)} s, ${verified} verified`
}

function heap(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

function print(...words: string[]): void {
  process.stdout.write(`${words.join(': ')}\n`)
}
