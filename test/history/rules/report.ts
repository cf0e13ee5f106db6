import type { Op } from '../history.ts'

/** All the rules that a history is held against, each in the file that it is explained in. */
export const RULES = [
  // births.ts
  'ISSUED',
  'IDENTITY',
  'UNIQUE',
  'ONECOOKIE',
  // ends.ts
  'KICK',
  'LOGOUT',
  'REVOKE',
  'DISPUTE',
  'RESURRECT',
  // switches.ts
  'ROLE',
  'DISABLED',
  'PASSWORD',
  // seats.ts
  'SEATS',
  'LIST',
  // order.ts
  'ORDER',
  // timeouts.ts
  'IDLE',
  'ABSOLUTE',
  // reasons.ts
  'REASON',
  // refusals.ts
  'WINNER',
  'FULL',
  'CREDENTIALS',
  // policies.ts
  'POLICY',
  // streams.ts
  'STREAM',
  // rules.ts
  'BUG',
] as const

/** `END` is found by asking once more when all is over (`end-state.ts`). */
export type Rule = (typeof RULES)[number] | 'END'

/** A promise that was broken, with the operation that shows it. */
export type Violation = { rule: Rule; op: Op; detail: string }

export type Report = (rule: Rule, op: Op, detail: string) => void
