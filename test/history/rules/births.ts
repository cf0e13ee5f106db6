import type { Op } from '../history.ts'
import type { Report } from './report.ts'
import { isAccepted } from './story.ts'

/** What gave each cookie: the login, or the change of password. */
export type Births = ReadonlyMap<string, Op>

/** ONECOOKIE, UNIQUE: a login gives one cookie, a new one, a change of password at most one, and nothing else gives any. */
export function collectBirths(ops: readonly Op[], report: Report): Births {
  const births = new Map<string, Op>()
  for (const op of ops) {
    const wanted = op.res !== 'ok' ? [0] : (COOKIES[op.type] ?? [0])
    if (!wanted.includes(op.cookies)) {
      report('ONECOOKIE', op, `${op.cookies} session cookies from ${op.type}`)
    } else if (op.issued !== null) {
      if (births.has(op.issued)) report('UNIQUE', op, 'the same cookie was issued twice')
      else births.set(op.issued, op)
    }
  }
  return births
}

/** How many session cookies what was answered 200 or 204 may give. A session that had ended meanwhile gets no new one. */
const COOKIES: { [type in Op['type']]?: number[] } = { login: [1], password: [0, 1] }

/** ISSUED, IDENTITY: every accepted cookie came from exactly one login of that very user. */
export function checkBirths(ops: readonly Op[], births: Births, report: Report): void {
  for (const op of ops) {
    if (op.type === 'login' && op.res === 'ok' && op.who !== op.user)
      report('IDENTITY', op, `${op.user} was signed in as ${op.who}`)
    if (!isAccepted(op)) continue
    const born = births.get(op.sid ?? '')
    if (born === undefined) report('ISSUED', op, 'a cookie that no login issued was accepted')
    else if (op.who !== null && op.who !== born.user)
      report('IDENTITY', op, `${op.who} for ${born.user}`)
  }
}
