import type { History, Op } from './history.ts'

/** A promise that was broken, with the operation that shows it. */
export type Violation = { rule: Rule; op: Op; detail: string }

export const RULES = [
  'ISSUED',
  'IDENTITY',
  'UNIQUE',
  'KICK',
  'LOGOUT',
  'RESURRECT',
  'ORDER',
  'IDLE',
  'ABSOLUTE',
  'ROLE',
  'ONECOOKIE',
] as const
export type Rule = (typeof RULES)[number] | 'END'

/**
 * Holds a history against a register that each user has, and that a login sets, an ending clears, and a request may read:
 * every rule follows from that, for every order that the intervals of the operations allow. Losing a session is no
 * violation, accepting one after its end was acknowledged always is.
 */
export function findViolations(history: History): Violation[] {
  const violations: Violation[] = []
  const report = (rule: Rule, op: Op, detail: string) => void violations.push({ rule, op, detail })
  const allOps = history.ops
  const births = checkBirths(allOps, report)
  const stories = collectSessions(allOps, births)
  const storiesByUser = Map.groupBy(stories, ({ born }) => born.user)
  for (const [user, ops] of Map.groupBy(allOps, (op) => op.user)) {
    const own = storiesByUser.get(user) ?? []
    const kicks = ops.filter((op) => (op.type === 'login' || op.type === 'revoke') && op.res === 'ok')
    for (const story of own) {
      checkEnds(story, kicks, report)
      checkTimeouts(story, history, report)
    }
    checkOrder(own, report)
    checkRoles(ops, report)
  }
  return violations
}

type Report = (rule: Rule, op: Op, detail: string) => void

/** A session with everything that was done with its cookie, each list in order of `t0`. */
type Story = { born: Op; accepted: Op[]; denied: Op[]; ended: Op[]; used: Op[] }

/** ISSUED, IDENTITY, UNIQUE, ONECOOKIE: every accepted cookie came from exactly one login of that very user. */
function checkBirths(ops: readonly Op[], report: Report): Map<string, Op> {
  const births = new Map<string, Op>()
  for (const op of ops) {
    if (op.type !== 'login') {
      if (op.cookies > 0) report('ONECOOKIE', op, 'a session cookie from something that is no login')
    } else if (op.res === 'ok') {
      if (op.cookies !== 1 || op.sid === null) report('ONECOOKIE', op, `${op.cookies} session cookies`)
      else if (births.has(op.sid)) report('UNIQUE', op, 'the same cookie was issued twice')
      else births.set(op.sid, op)
      if (op.who !== op.user) report('IDENTITY', op, `${op.user} was signed in as ${op.who}`)
    }
  }
  for (const op of ops) {
    if (!isAccepted(op)) continue
    const born = op.sid === null ? undefined : births.get(op.sid)
    if (born === undefined) report('ISSUED', op, 'a cookie that no login issued was accepted')
    else if (op.who !== null && op.who !== born.user)
      report('IDENTITY', op, `${op.who} for ${born.user}`)
  }
  return births
}

function collectSessions(ops: readonly Op[], births: ReadonlyMap<string, Op>): Story[] {
  const stories = new Map<string, Story>()
  for (const [sid, born] of births) {
    stories.set(sid, { born, accepted: [], denied: [], ended: [], used: [] })
  }
  for (const op of ops.toSorted((a, b) => a.t0 - b.t0)) {
    const story = op.sid === null ? undefined : stories.get(op.sid)
    if (story === undefined) continue
    if (op.res !== 'denied') story.used.push(op)
    if (isAccepted(op)) story.accepted.push(op)
    else if (op.res === 'denied') story.denied.push(op)
    else if (op.type === 'logout' && op.res === 'ok') story.ended.push(op)
  }
  return [...stories.values()]
}

/** The answer could only be given to a live session: a 200 to its owner, or a 403 to a role that it lacks. */
function isAccepted(op: Op): boolean {
  return (op.type === 'me' || op.type === 'admin') && (op.res === 'ok' || op.code === 403)
}

/** KICK, LOGOUT, RESURRECT: nothing is accepted after a newer login, a logout, a revocation or a refusal was acknowledged. */
function checkEnds(
  { born, accepted, denied, ended }: Story,
  kicks: readonly Op[],
  report: Report,
): void {
  if (accepted.length === 0) return
  for (const [rule, ends] of [
    ['KICK', kicks.filter((op) => op.t0 > born.t1)],
    ['LOGOUT', ended],
    ['RESURRECT', denied],
  ] as const) {
    const [end] = ends.toSorted((a, b) => a.t1 - b.t1)
    if (end === undefined) continue
    const what = `${end.type} on instance ${end.instance} (${end.reason ?? end.code})`
    for (const op of accepted.filter((op) => op.t0 > end.t1)) {
      report(rule, op, `accepted ${(op.t0 - end.t1).toFixed(1)} ms after ${what}`)
    }
  }
}

/** IDLE, ABSOLUTE: nothing is accepted once a deadline has passed. */
function checkTimeouts(
  { born, accepted, used }: Story,
  { idleTimeout, absoluteTimeout }: History,
  report: Report,
): void {
  for (const op of accepted) {
    const age = op.t0 - born.t1
    if (age > absoluteTimeout + TOLERANCE) report('ABSOLUTE', op, `accepted at ${age.toFixed(0)} ms`)
    // Any use may have moved the deadline, also one whose answer got lost, at any moment until that was known.
    const before = used.filter((use) => use !== op && use.t0 < op.t0)
    const latest = Math.max(born.t1, ...before.map((use) => use.t1))
    if (op.t0 - latest > idleTimeout + TOLERANCE)
      report('IDLE', op, `accepted ${(op.t0 - latest).toFixed(0)} ms after its last use`)
  }
}

/**
 * ORDER: the logins of a user fit into one line. Of two, one must come first if it ended before the other began, if the
 * other was still accepted after it was done, or if it was accepted before the other had begun. A circle means that two
 * sessions were alive by turns.
 */
function checkOrder(sessions: Story[], report: Report): void {
  const nodes = sessions.map(({ born, accepted }) => ({
    born,
    // Who was done before `notBefore` came before it; who began after `notAfter` came after it.
    notBefore: Math.max(born.t0, ...accepted.map((op) => op.t0)),
    notAfter: Math.min(born.t1, ...accepted.map((op) => op.t1)),
  }))
  const precedes = (a: (typeof nodes)[number], b: (typeof nodes)[number]) =>
    a !== b && (a.born.t1 < b.notBefore || a.notAfter < b.born.t0)
  // Kahn's algorithm: take away whoever has nobody before them, until nobody is left or nobody can go.
  const waitingFor = nodes.map((node) => nodes.filter((other) => precedes(other, node)).length)
  const free = nodes.filter((_, i) => waitingFor[i] === 0)
  let placed = 0
  for (let node = free.pop(); node !== undefined; node = free.pop()) {
    placed++
    for (const [i, other] of nodes.entries()) {
      if (!precedes(node, other)) continue
      waitingFor[i] = (waitingFor[i] ?? 0) - 1
      if (waitingFor[i] === 0) free.push(other)
    }
  }
  const stuck = nodes.find((_, i) => waitingFor[i] !== 0)
  if (stuck !== undefined)
    report('ORDER', stuck.born, `${nodes.length - placed} logins of one user were alive by turns`)
}

/** ROLE: after a withdrawal was acknowledged, and until a new grant began, the role opens nothing. */
function checkRoles(ops: readonly Op[], report: Report): void {
  const changes = ops.filter((op) => op.type === 'grant' || op.type === 'withdraw')
  for (const op of ops) {
    if (op.type !== 'admin' || op.res !== 'ok') continue
    const before = changes.filter((change) => change.t0 < op.t1)
    const withdrawn = Math.max(
      ...before.filter((c) => c.type === 'withdraw' && c.res === 'ok' && c.t1 < op.t0).map((c) => c.t0),
    )
    const granted = before.some((c) => c.type === 'grant' && (c.t1 > withdrawn || c.res === 'info'))
    if (withdrawn > 0 && !granted) report('ROLE', op, 'accepted without the role')
  }
}

/** Milliseconds: the clock of the driver and the one of the store may drift apart by this much in a run. */
const TOLERANCE = 100
