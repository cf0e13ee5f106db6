import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { Accounts } from '../../src/accounts/accounts.ts'
import { sqlAccounts } from '../../src/accounts/sql-accounts.ts'
import type { Sql } from '../../src/database/sql.ts'
import { type SqlNumbers, sqlNumbers } from '../../src/database/sql-numbers.ts'
import type { Raise } from '../../src/sessions/numbers.ts'
import { sqlTimeline } from '../../src/timeline/sql-timeline.ts'
import type { Timeline } from '../../src/timeline/timeline.ts'
import { openSessionStores } from './session-stores.ts'

/** Accounts, login numbers and the timeline in a SQL database, without the service around them. */
export type SqlParts = SqlNumbers & { db: Sql; accounts: Accounts; timeline: Timeline }

/** These in a database of the test's own, closed when it ends. */
export async function openAccounts(t: Test, engine: 'sqlite' | 'postgres'): Promise<SqlParts> {
  const { db } = await openSessionStores(t, engine)
  const parts = accountsIn(db)
  t.teardown(() => parts.timeline.close())
  return parts
}

/** These in a database that is open; `close` also closes the database. */
export function accountsIn(db: Sql): SqlParts & { close(): Promise<void> } {
  const timeline = sqlTimeline(db, {
    random: randomBytes,
    retention: 365 * 24 * 60 * 60 * 1000 * 100,
    onLost: (error) => {
      throw error
    },
  })
  const numbers = sqlNumbers(db, () => randomBytes(9).toString('base64url'))
  return {
    ...numbers,
    db,
    timeline,
    accounts: sqlAccounts(db, numbers, timeline.keep, { *add() {} }),
    async close() {
      await timeline.close()
      await db.close()
    },
  }
}

/** A change of the user where the store has no history of its own. */
export const RAISE: Raise = {
  ...{ above: 0, under: null },
  purpose: { kind: 'update', sessionId: null, note: null },
}
