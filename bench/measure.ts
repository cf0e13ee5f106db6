import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import type { TestRedis } from '../test/support/redis.ts'
import type { Contender } from './contenders.ts'
import { askAs } from './load.ts'
import { cpuMicros, startContender } from './servers.ts'

/** One round of one contender. Latencies in milliseconds, processor time in microseconds. */
export type Sample = {
  requestsPerSecond: number
  p50: number
  p99: number
  cpuPerRequest: number
  /** Commands that reached Redis, for each request. */
  commandsPerRequest: number
  errors: number
}

/** 64 connections that ask without a pause, as so many users in turn, after everybody has been here once. */
export async function measure(
  contender: Contender,
  redis: TestRedis,
  { seconds, users }: { seconds: number; users: number },
): Promise<Sample> {
  const server = await startContender(contender.file, {
    ...contender.env,
    ...(contender.redis ? { REDIS_URL: redis.url } : {}),
    CROWD: String(users),
  })
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-cookies-'))
  const cookies = join(dir, 'cookies')
  writeFileSync(cookies, server.cookies.join('\n'))
  try {
    const { requests } = await askAs(server.url, cookies, { seconds: WARM, connections: 64 })
    // Who was not here for a minute is written down as seen, which is no part of most requests.
    const rest = Math.ceil((1.2 * WARM * users) / Math.max(1, requests))
    if (rest > WARM) await askAs(server.url, cookies, { seconds: Math.min(rest, 30), connections: 64 })
    const cpu = cpuMicros(server.pid)
    const commands = await commandsSoFar(redis.client)
    const load = await askAs(server.url, cookies, { seconds, connections: 64 })
    return {
      ...load,
      cpuPerRequest: (cpuMicros(server.pid) - cpu) / load.requests,
      commandsPerRequest: ((await commandsSoFar(redis.client)) - commands) / load.requests,
    }
  } finally {
    await server.stop()
    await redis.client.flushall()
    rmSync(dir, { recursive: true })
  }
}

/** Seconds. */
const WARM = 3

async function commandsSoFar(client: Redis): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await client.info('stats'))?.[1])
}
