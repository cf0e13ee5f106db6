import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pool } from 'pg'
import type { TestPostgres } from './postgres.ts'
import { isReady, until } from './until.ts'

/** Restarts a server as a hot standby, which answers and takes no writes. */
export async function restartAsStandby(server: TestPostgres, pool: Pool): Promise<void> {
  const [row] = (await pool.query('SHOW data_directory')).rows
  await server.kill()
  writeFileSync(join(String(row.data_directory), 'standby.signal'), '')
  server.start().catch(() => {}) // waits for a server that takes writes, which this one does not
  await until(() => isReady({ ping: () => pool.query('SELECT 1') }))
}
