import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { endWithUs } from './children.ts'
import { findPrograms, postgresDirectories } from './programs.ts'
import { freePort } from './redis.ts'
import { until } from './until.ts'

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
  /** Has a standby lead from now on, with what it has received. */
  promote(): Promise<void>
  /** Resolves when a standby has applied all that the primary at `port` has written. */
  catchUp(port: number): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts PostgreSQL on a free port, ready to answer. What it commits outlives a crash of it, not of the machine. With
 * `standbyOf`, it is a hot standby of the primary at that port, and follows it at the port `by`: what is between can be cut,
 * and then it lags.
 */
export async function startPostgres(
  standby: { standbyOf: number; by: number } | null = null,
): Promise<TestPostgres> {
  const bin = installed('initdb', 'postgres')
  const port = await freePort()
  const { dir, data, environment } = newDirectory()
  const template = process.env['TEST_POSTGRES_TEMPLATE']
  const url = urlOf(port)
  const settings = standby === null ? SETTINGS : [...SETTINGS, ...following(standby.by)]
  if (standby !== null) await copyPrimary(standby.standbyOf, data, environment)
  else if (template === undefined) initialize(data, environment)
  else execFileSync('cp', ['-a', template, data], environment)
  let child: ChildProcess

  async function start(): Promise<void> {
    child = endWithUs(
      spawn(
        join(bin, 'postgres'),
        ['-D', data, '-p', String(port), '-k', dir, ...settings.flatMap((setting) => ['-c', setting])],
        { ...environment, stdio: ['ignore', 'ignore', 'pipe'] },
      ),
    )
    await new Promise<void>((done, fail) => {
      let said = ''
      child.stderr?.on('data', (chunk) => {
        said = (said + chunk).slice(-4_000)
        if (/ready to accept (read-only )?connections/.test(said)) done()
      })
      child.once('exit', (code) => fail(new Error(`postgres ended with ${code}\n${said}`)))
    })
  }

  // Each connection has a process of its own, in a session of its own: no signal to a group reaches them all.
  function signalAll(signal: NodeJS.Signals): void {
    const connections = connectionsOf(child)
    child.kill(signal)
    for (const pid of connections) reaches(pid, signal)
  }

  /** Resolves when all have ended: one that is left keeps the memory that the next start needs. */
  async function killAll(): Promise<void> {
    child.kill('SIGSTOP') // so that no connection is made meanwhile
    const connections = connectionsOf(child)
    await ended(() => child.kill('SIGKILL'))
    for (const pid of connections) reaches(pid, 'SIGKILL')
    await until(() => connections.every((pid) => !reaches(pid, 0)))
  }

  async function ended(signalling: () => void): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((done) => child.once('exit', done))
    signalling()
    await exited
  }

  await start()
  return {
    url,
    port,
    start,
    kill: killAll,
    pause: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    async promote() {
      await ask(url, 'SELECT pg_promote(true, 10)')
    },
    async catchUp(primary) {
      const written = await ask(urlOf(primary), 'SELECT pg_current_wal_lsn() AS lsn')
      const applied = `SELECT pg_last_wal_replay_lsn() >= '${written}'::pg_lsn AS lsn`
      await until(async () => (await ask(url, applied)) === true)
    },
    async stop() {
      await ended(() => {
        signalAll('SIGCONT')
        child.kill('SIGINT') // "fast shutdown": ends the connections and gives back its shared memory
      })
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function connectionsOf({ pid }: ChildProcess): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
  return stdout.split('\n').filter(Boolean).map(Number)
}

/** Sends a signal; false if there is no such process any more. */
function reaches(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
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
  execFileSync(join(installed('initdb', 'postgres'), 'initdb'), args, {
    ...environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

/** Makes `data` a copy of the primary at `port`, which is to be followed from there on. */
async function copyPrimary(port: number, data: string, environment: Environment): Promise<void> {
  const from = ['-h', '127.0.0.1', '-p', String(port), '-U', 'oneseat']
  const args = ['-D', data, '-c', 'fast', '-X', 'fetch', '--no-sync', '--no-manifest', '-R']
  await promisify(execFile)(
    join(installed('pg_basebackup'), 'pg_basebackup'),
    [...from, ...args],
    environment,
  )
}

/** Settings of a standby. After a break it is soon back. */
function following(port: number): string[] {
  return [`primary_conninfo=host=127.0.0.1 port=${port} user=oneseat`, 'wal_retrieve_retry_interval=100']
}

function urlOf(port: number): string {
  return `postgres://oneseat@127.0.0.1:${port}/postgres`
}

/** The first value of the answer. */
async function ask(url: string, query: string): Promise<unknown> {
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query({ text: query, rowMode: 'array' })
  await client.end()
  return rows[0]?.[0]
}

/** The directory of these of its programs. */
function installed(...programs: string[]): string {
  const bin = findPrograms(programs, postgresDirectories())
  if (bin === null) {
    throw new Error(`PostgreSQL (${programs.join(', ')}) is not on this machine; run npm test`)
  }
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
