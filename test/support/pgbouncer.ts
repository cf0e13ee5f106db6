import { spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithUs } from './children.ts'
import { unprivileged } from './postgres.ts'
import { findPrograms, pathDirectories } from './programs.ts'
import { freePort } from './redis.ts'
import { until } from './until.ts'

/** A real PgBouncer in front of a PostgreSQL server. It gives a connection to the server to each transaction in turn. */
export async function startPgBouncer(server: { port: number }, settings: readonly string[] = []) {
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-pgbouncer-'))
  chmodSync(dir, 0o755) // it runs as another user
  writeFileSync(join(dir, 'users.txt'), '"oneseat" ""\n')
  writeFileSync(
    join(dir, 'pgbouncer.ini'),
    [...configuration(server.port, port, dir), ...settings].join('\n'),
  )
  const child = endWithUs(
    spawn(join(installed(), 'pgbouncer'), [join(dir, 'pgbouncer.ini')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...unprivileged(),
    }),
  )
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  const exited = new Promise<void>((done) => child.once('exit', () => done()))
  await until(() => {
    if (child.exitCode !== null) throw new Error(said)
    return said.includes('process up')
  })
  return {
    url: `postgres://oneseat@127.0.0.1:${port}/postgres`,
    /** All that it has logged. */
    log: () => said,
    async stop() {
      child.kill('SIGKILL')
      await exited
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function installed(): string {
  const bin = findPrograms(['pgbouncer'], [...pathDirectories(), '/usr/sbin'])
  if (bin === null) throw new Error('PgBouncer is not on this machine; run npm test')
  return bin
}

function configuration(serverPort: number, port: number, dir: string): string[] {
  return [
    '[databases]',
    `* = host=127.0.0.1 port=${serverPort}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = trust',
    `auth_file = ${join(dir, 'users.txt')}`,
    'pool_mode = transaction',
    // Fewer than we have: every statement may come over another one than the statement before.
    'default_pool_size = 3',
  ]
}
