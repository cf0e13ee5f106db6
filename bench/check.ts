import { startRedis } from '../test/support/redis.ts'
import { askWithoutPause } from './load.ts'
import { cpuMicros, startContender } from './servers.ts'

/** One line per contender: node bench/check.ts [name...] */
const CONTENDERS: Record<string, [file: string, env: Record<string, string>, redis: boolean]> = {
  'bare http': ['bare-http.ts', {}, false],
  'bare fastify': ['bare-fastify.ts', {}, false],
  'oneseat redis': ['oneseat.ts', {}, true],
  'oneseat sqlite': ['oneseat.ts', {}, false],
  'fastify-session': ['fastify-session.ts', {}, true],
  'express-session': ['express-session.ts', {}, true],
  'iron-session': ['iron-session.ts', {}, false],
  'better-auth': ['better-auth.ts', {}, false],
}
const redis = await startRedis()
for (const [name, [file, env, needsRedis]] of Object.entries(CONTENDERS)) {
  if (process.argv.length > 2 && !process.argv.slice(2).includes(name)) continue
  const server = await startContender(file, { ...env, ...(needsRedis ? { REDIS_URL: redis.url } : {}) })
  await askWithoutPause(server, { seconds: 1, connections: 64 })
  const before = cpuMicros(server.pid)
  const load = await askWithoutPause(server, { seconds: 3, connections: 64 })
  const cpu = (cpuMicros(server.pid) - before) / load.requests
  console.log(
    name.padEnd(18),
    Math.round(load.requestsPerSecond),
    `cpu ${cpu.toFixed(1)} µs`,
    `p99 ${load.p99}`,
    `errors ${load.errors}`,
  )
  await server.stop()
}
await redis.stop()
