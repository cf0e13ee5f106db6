import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { makeTemplate, startPostgres } from '../test/support/postgres.ts'
import { unloadedFiles } from './coverage.ts'
import { gluePackages } from './glue-packages.ts'
import { groupedTests } from './groups.ts'
import { makeScratch } from './scratch.ts'
import { provideServers } from './servers.ts'

type Tally = { passed: number; failed: number }

/**
 * Every check there is, as `npm test` runs it: format and lint, types, then all tests on real servers, and whether they
 * ran every line. With arguments, only the test files they name, without coverage.
 */
async function main(files: readonly string[]): Promise<Tally> {
  const types = async () => (await succeeds('tap', ['build'])) && succeeds('tsc', []) // of tap as it is built
  const checks = [succeeds('biome', ['ci', '.']), types()]
  if (!(await Promise.all(checks)).every(Boolean)) return NOTHING_RAN
  const missing = provideServers()
  if (missing.length > 0) {
    process.stdout.write(
      `The tests need ${missing.join(' and ')} on the PATH. Install it and run them again.\n`,
    )
    return NOTHING_RAN
  }
  const scratch = makeScratch()
  process.env['TMPDIR'] = ENVIRONMENT['TMPDIR'] = scratch
  const glued = await gluePackages(ROOT, join(scratch, 'glued'))
  const compiled = { NODE_COMPILE_CACHE: join(scratch, 'compiled') }
  const compiling = files.length > 0 ? true : succeeds('node', [glued, 'tools/compile.ts'], compiled)
  process.env['TEST_POSTGRES_TEMPLATE'] = ENVIRONMENT['TEST_POSTGRES_TEMPLATE'] = makeTemplate()
  const postgres = await startPostgres()
  async function cleanUp(): Promise<void> {
    await postgres.stop()
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cleanUp().then(() => process.exit(1)))
  }
  try {
    const env = { TEST_POSTGRES_URL: postgres.url, TEST_GLUED_PACKAGES: glued, ...compiled }
    const soon = [`--node-arg=${glued}`]
    if (files.length > 0) return await runTap([...soon, '--disable-coverage', ...files], env)
    if (!(await compiling)) return NOTHING_RAN
    const { passed, failed } = await runTap([...soon, ...groupedTests(ROOT)], env)
    const unloaded = unloadedFiles(ROOT)
    for (const file of unloaded) process.stdout.write(`${file}: no test even loads it\n`)
    return { passed, failed: failed + unloaded.length }
  } finally {
    await cleanUp()
  }
}

function succeeds(
  command: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<boolean> {
  const env = { ...ENVIRONMENT, ...more }
  const child = spawn(command, args, { cwd: ROOT, env, stdio: 'inherit' })
  return new Promise((done, fail) => child.once('error', fail).once('exit', (code) => done(code === 0)))
}

/** Runs tap; shows one line for a file that passed, and everything that a file said which failed. */
async function runTap(args: readonly string[], env: Record<string, string>): Promise<Tally> {
  const child = spawn('tap', ['run', '--reporter=tap', ...args], {
    cwd: ROOT,
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise<number | null>((done) => child.once('exit', done))
  let tally = { passed: 0, failed: 0 }
  let unshown: string[] = []
  for await (const line of createInterface(child.stdout)) {
    unshown.push(line)
    if (INSIDE_A_FILE.test(line) && !FILE_OF_A_GROUP.test(line)) continue
    tally = readTally(line) ?? tally
    process.stdout.write(/^ *not ok/.test(line) ? `${unshown.join('\n')}\n` : `${line}\n`)
    unshown = []
  }
  // Not every failure is counted: a file that crashed before its first assertion, a line that is not covered.
  const failedUncounted = (await exited) !== 0 || tally.passed === 0
  return { passed: tally.passed, failed: Math.max(tally.failed, failedUncounted ? 1 : 0) }
}

/** tap's own sum of all assertions in all files, which ends its output. */
function readTally(line: string): Tally | null {
  if (!/^# \{ total: \d+.*\}$/.test(line)) return null
  const count = (kind: string) => Number(new RegExp(`\\b${kind}: (\\d+)`).exec(line)?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail') }
}

const INSIDE_A_FILE = /^( {4}|# Subtest|\s*$)/
const FILE_OF_A_GROUP = /^ {4}(not )?ok \d+ - test\/\S+\.test\.ts/
const NOTHING_RAN: Tally = { passed: 0, failed: 1 }
const ROOT = join(import.meta.dirname, '..')
const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: [join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
}

const { passed, failed } = await main(process.argv.slice(2))
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
