import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import {
  findPrograms,
  pathDirectories,
  postgresDirectories,
  pythonWithFlask,
} from '../test/support/programs.ts'

/** Something real that the tests run, and the Debian package that brings it. */
type Requirement = { what: string; debianPackage: string; isHere: () => boolean }

/** The tests run on Redis, or on what `REDIS_SERVER` names (`valkey-server`). */
const REDIS_SERVER = process.env['REDIS_SERVER'] ?? 'redis-server'

const REQUIREMENTS: readonly Requirement[] = [
  { what: `${REDIS_SERVER} 6.2 or later`, debianPackage: REDIS_SERVER, isHere: hasRedis },
  {
    what: 'PostgreSQL (initdb, postgres)',
    debianPackage: 'postgresql',
    isHere: () => findPrograms(['initdb', 'postgres'], postgresDirectories()) !== null,
  },
  inSbin('pgbouncer'),
  onPath('chromium', 'chromium'),
  onPath('curl', 'curl'),
  inSbin('nginx'),
  inSbin('haproxy'),
  onPath('caddy', 'caddy'),
  onPath('python3', 'python3'),
  { what: 'Flask for Python', debianPackage: 'python3-flask', isHere: () => pythonWithFlask() !== null },
  onPath('php', 'php-cli'),
  onPath('script', 'bsdutils'),
]

function onPath(name: string, debianPackage: string): Requirement {
  return { what: name, debianPackage, isHere: () => findPrograms([name], pathDirectories()) !== null }
}

function inSbin(name: string): Requirement {
  const isHere = () => findPrograms([name], [...pathDirectories(), '/usr/sbin']) !== null
  return { what: name, debianPackage: name, isHere }
}

/** What the benchmarks need besides. */
export const LOAD_GENERATOR: readonly Requirement[] = [
  onPath('wrk', 'wrk'),
  onPath('taskset', 'util-linux'),
]

/**
 * Sees to it that the servers which the tests need are on this machine, and `more`, installing what is missing where it may
 * (as root, with apt-get). Returns what is still missing then, in words: without these the tests must not run.
 */
export function provideServers(more: readonly Requirement[] = []): string[] {
  const needed = [...REQUIREMENTS, ...more]
  const missing = stillMissing(needed)
  const mayInstall = process.getuid?.() === 0 && findPrograms(['apt-get'], pathDirectories()) !== null
  if (missing.length > 0 && mayInstall) aptInstall(missing.map(({ debianPackage }) => debianPackage))
  return stillMissing(needed).map(({ what }) => what)
}

function stillMissing(needed: readonly Requirement[]): Requirement[] {
  return needed.filter((requirement) => !requirement.isHere())
}

function hasRedis(): boolean {
  const dir = findPrograms([REDIS_SERVER], pathDirectories())
  if (dir === null) return false
  const said = execFileSync(join(dir, REDIS_SERVER), ['--version'], { encoding: 'utf8' })
  const [, major = 0, minor = 0] = (/v=(\d+)\.(\d+)/.exec(said) ?? []).map(Number)
  return major > 6 || (major === 6 && minor >= 2)
}

function aptInstall(packages: readonly string[]): void {
  process.stdout.write(`Installing ${packages.join(', ')} with apt-get\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [
    ['update', '-qq'],
    ['install', '-qq', '-y', '--no-install-recommends', ...packages],
  ]) {
    const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' })
    if (status !== 0) process.stdout.write(`apt-get ${args.join(' ')} failed\n${stdout}${stderr}\n`)
  }
}
