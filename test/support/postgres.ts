import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithUs } from './children.ts'
import { findPrograms, postgresDirectories } from './programs.ts'
import { freePort } from './redis.ts'

/** A real PostgreSQL cluster of a test's own: one superuser, `oneseat`, and nothing that survives the test. */
export type TestPostgres = {
  url: string
  port: number
  /** Ends all its processes at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port, with what it had written. */
  start(): Promise<void>
  pause(): void
  resume(): void
  stop(): Promise<void>
}

/** Starts PostgreSQL on a free port, ready to answer. What it commits outlives a crash of it, not of the machine. */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = installed()
  const port = await freePort()
  const { dir, data, environment } = newDirectory()
  const template = process.env['TEST_POSTGRES_TEMPLATE']
  if (template === undefined) initialize(data, environment)
  else execFileSync('cp', ['-a', template, data], environment)
  let child: ChildProcess

  async function start(): Promise<void> {
    child = endWithUs(
      spawn(
        join(bin, 'postgres'),
        ['-D', data, '-p', String(port), '-k', dir, ...SETTINGS.flatMap((setting) => ['-c', setting])],
        { ...environment, stdio: ['ignore', 'ignore', 'pipe'] },
      ),
    )
    await new Promise<void>((done, fail) => {
      let said = ''
      child.stderr?.on('data', (chunk) => {
        said = (said + chunk).slice(-4_000)
        if (said.includes('ready to accept connections')) done()
      })
      child.once('exit', (code) => fail(new Error(`postgres ended with ${code}\n${said}`)))
    })
  }

  // Each connection has a process of its own, in a session of its own: no signal to a group reaches them all.
  function signalAll(signal: NodeJS.Signals): void {
    const listed = spawnSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' })
    child.kill(signal)
    for (const pid of listed.stdout.split('\n').filter((line) => line !== '')) {
      try {
        process.kill(Number(pid), signal)
      } catch {
        // It ended by itself meanwhile.
      }
    }
  }

  async function ended(signalling: () => void): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((done) => child.once('exit', done))
    signalling()
    await exited
  }

  await start()
  return {
    url: `postgres://oneseat@127.0.0.1:${port}/postgres`,
    port,
    start,
    kill: () => ended(() => signalAll('SIGKILL')),
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    async stop() {
      await ended(() => {
        signalAll('SIGCONT')
        child.kill('SIGINT') // "fast shutdown": ends the connections and gives back its shared memory
      })
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** An empty cluster that nobody starts; `TEST_POSTGRES_TEMPLATE` names it, and copying it takes a tenth of the time that making one takes. */
export function makeTemplate(): string {
  const { data, environment } = newDirectory()
  initialize(data, environment)
  return data
}

type Environment = ReturnType<typeof newDirectory>['environment']

function newDirectory() {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-postgres-'))
  const owner = unprivileged()
  if (owner !== null) chownSync(dir, owner.uid, owner.gid)
  const environment = { cwd: dir, env: { LC_ALL: 'C', PATH: process.env['PATH'] }, ...owner }
  return { dir, data: join(dir, 'data'), environment }
}

function initialize(data: string, environment: Environment): void {
  const args = ['-D', data, '-U', 'oneseat', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync']
  execFileSync(join(installed(), 'initdb'), args, {
    ...environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

/** The directory of its programs. */
function installed(): string {
  const bin = findPrograms(['initdb', 'postgres'], postgresDirectories())
  if (bin === null) throw new Error('PostgreSQL (initdb, postgres) is not on this machine; run npm test')
  return bin
}

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'fsync=off',
  'full_page_writes=off',
  'shared_buffers=16MB',
  'max_connections=200',
  'timezone=UTC',
]

/** PostgreSQL refuses to run as root: then it runs as the user that its package made, or as nobody. */
export function unprivileged(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  for (const user of ['postgres', 'nobody']) {
    const uid = spawnSync('id', ['-u', user], { encoding: 'utf8' })
    const gid = spawnSync('id', ['-g', user], { encoding: 'utf8' })
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody')
}
