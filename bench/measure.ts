import type { Redis } from 'ioredis'
import type { TestRedis } from '../test/support/redis.ts'
import type { Contender } from './contenders.ts'
import { askWithoutPause } from './load.ts'
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

/** 64 connections that ask without a pause, after a second to warm up. */
export async function measure(contender: Contender, redis: TestRedis, seconds: number): Promise<Sample> {
  const server = await startContender(contender.file, {
    ...contender.env,
    ...(contender.redis ? { REDIS_URL: redis.url } : {}),
  })
  try {
    await askWithoutPause(server, { seconds: 1, connections: 64 })
    const cpu = cpuMicros(server.pid)
    const commands = await commandsSoFar(redis.client)
    const load = await askWithoutPause(server, { seconds, connections: 64 })
    return {
      ...load,
      cpuPerRequest: (cpuMicros(server.pid) - cpu) / load.requests,
      commandsPerRequest: ((await commandsSoFar(redis.client)) - commands) / load.requests,
    }
  } finally {
    await server.stop()
  }
}

async function commandsSoFar(client: Redis): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await client.info('stats'))?.[1])
}
