import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startRedis } from '../test/support/redis.ts'
import { LOAD_GENERATOR, provideServers } from '../tools/servers.ts'
import { CONTENDERS, CROWD, IN_A_CROWD } from './contenders.ts'
import { drawBars } from './draw.ts'
import { measure, type Sample } from './measure.ts'
import { ROUND_OPTIONS, roundsOf } from './rounds.ts'
import { tableOf } from './table.ts'

/**
 * npm run bench [-- --smoke] [--rounds N] [--seconds N] [--only NAME]…: every contender alone in turn, round after round,
 * so that a change in the machine hits all of them; prints a table of medians, and draws it.
 */
const { values } = parseArgs({
  options: {
    ...ROUND_OPTIONS,
    only: { type: 'string', multiple: true, default: [] },
    svg: { type: 'string' },
  },
})
const { rounds, seconds } = roundsOf(values, 3)
const users = values.smoke ? 100 : CROWD

const missing = provideServers(LOAD_GENERATOR)
if (missing.length > 0) throw new Error(`the benchmarks need ${missing.join(' and ')} on the PATH`)
if (!existsSync(join(import.meta.dirname, 'node_modules'))) {
  execFileSync('npm', ['ci', '--prefix', import.meta.dirname], { stdio: 'inherit' })
}

const chosen = CONTENDERS.filter(({ name }) => values.only.length === 0 || values.only.includes(name))
const alone = new Map<string, Sample[]>(chosen.map(({ name }) => [name, []]))
const crowd = new Map<string, Sample[]>(
  chosen.filter(({ name }) => IN_A_CROWD.includes(name)).map(({ name }) => [name, []]),
)
const redis = await startRedis()
// With wrk on core 1, so that every contender has core 0 for itself.
const [, pid = ''] = /process_id:(\d+)/.exec(await redis.client.info('server')) ?? []
execFileSync('taskset', ['-a', '-p', '-c', '1', pid], { stdio: 'ignore' })
try {
  for (let round = 1; round <= rounds; round++) {
    for (const contender of chosen) {
      process.stderr.write(`round ${round} of ${rounds}: ${contender.name}\n`)
      const { name } = contender
      alone.get(name)?.push(await measure(contender, redis, { seconds, users: 1 }))
      crowd.get(name)?.push(await measure(contender, redis, { seconds, users }))
    }
  }
} finally {
  await redis.stop()
}
process.stdout.write(`One user:\n\n${tableOf(alone)}`)
process.stdout.write(`\n${users.toLocaleString('en')} users in turn:\n\n${tableOf(crowd)}`)
if (values.svg !== undefined) writeFileSync(values.svg, drawBars(crowd))
