import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startRedis } from '../test/support/redis.ts'
import { LOAD_GENERATOR, provideServers } from '../tools/servers.ts'
import { CONTENDERS } from './contenders.ts'
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

const missing = provideServers(LOAD_GENERATOR)
if (missing.length > 0) throw new Error(`the benchmarks need ${missing.join(' and ')} on the PATH`)
if (!existsSync(join(import.meta.dirname, 'node_modules'))) {
  execFileSync('npm', ['ci', '--prefix', import.meta.dirname], { stdio: 'inherit' })
}

const chosen = CONTENDERS.filter(({ name }) => values.only.length === 0 || values.only.includes(name))
const samples = new Map<string, Sample[]>(chosen.map(({ name }) => [name, []]))
const redis = await startRedis()
// With wrk on core 1, so that every contender has core 0 for itself.
const [, pid = ''] = /process_id:(\d+)/.exec(await redis.client.info('server')) ?? []
execFileSync('taskset', ['-a', '-p', '-c', '1', pid], { stdio: 'ignore' })
try {
  for (let round = 1; round <= rounds; round++) {
    for (const contender of chosen) {
      process.stderr.write(`round ${round} of ${rounds}: ${contender.name}\n`)
      samples.get(contender.name)?.push(await measure(contender, redis, seconds))
    }
  }
} finally {
  await redis.stop()
}
process.stdout.write(tableOf(samples))
if (values.svg !== undefined) writeFileSync(values.svg, drawBars(samples))
