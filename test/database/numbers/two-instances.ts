import { randomBytes } from 'node:crypto'
import type { Sql } from '../../../src/database/sql.ts'
import { type SqlNumbers, sqlNumbers } from '../../../src/database/sql-numbers.ts'
import type { NumberedUser, Raise } from '../../../src/sessions/numbers.ts'
import { newHandle } from '../../../src/sessions/token.ts'

/** Login numbers as one instance has them. */
export type Instance = SqlNumbers & { db: Sql }

/** Two instances that use the same database. */
export type TwoInstances = { here: Instance; there: Instance }

export function instanceOn(db: Sql, prefix?: string): Instance {
  return { db, ...sqlNumbers(db, () => randomBytes(9).toString('base64url'), prefix) }
}

export async function newUser({ numbers }: Instance): Promise<NumberedUser> {
  const id = `user ${randomBytes(9).toString('hex')}`
  const user = await numbers.find({ id, create: newHandle(randomBytes) })
  if (user === null) throw new Error('the user was not made')
  return user
}

/** How a number is raised where the store has no history of its own. */
export const OF_NO_HISTORY: Raise = {
  ...{ above: 0, under: null },
  purpose: { kind: 'update', sessionId: null, note: null },
}

/** The same for a login. */
export const LOGIN: Raise = {
  ...OF_NO_HISTORY,
  purpose: { kind: 'login', sessionId: 'a session', note: null },
  login: { expiresAt: 1 },
}
