import type { Op } from './history.ts'
import type { Planned } from './plan.ts'
import type { Violation } from './rules/report.ts'
import type { RunReport } from './run.ts'

export const HEADING = [
  '| what goes wrong | times | operations | of them logins | violations | answered while it did | errors outside | denied for no reason | slowest |',
  '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
]

/** One run as a line of the table in `docs/consistency.md`. */
export function formatRow(
  { name }: Planned,
  { history, violations, availability, strikes }: RunReport,
): string {
  const logins = history.ops.filter((op) => op.type === 'login' && op.res === 'ok').length
  const { duringFaults, errorsOutside, wronglyDenied, slowest } = availability
  const cells = [
    name,
    strikes === 0 ? '–' : strikes,
    history.ops.length,
    logins,
    violations.length,
    duringFaults === null ? '–' : `${(duringFaults * 100).toFixed(1)} %`,
    errorsOutside.length,
    wronglyDenied.length,
    `${(slowest / 1000).toFixed(2)} s`,
  ]
  return `| ${cells.join(' | ')} |`
}

/** Of each rule that was broken, how often and the first time, and what else was done with that user around it. */
export function formatViolations(violations: readonly Violation[], ops: readonly Op[]): string[] {
  return [...Map.groupBy(violations, ({ rule }) => rule)].flatMap(([rule, all]) => {
    const [{ op, detail }] = all as [Violation]
    const where = `${op.user}, instance ${op.instance}, ${op.type} ${op.code}`
    const isNear = ({ t0, t1 }: Op) => t1 > op.t0 - AROUND && t0 < op.t1 + AROUND
    const isOf = (other: Op) => other === op || (other.user === op.user && other.type !== 'me')
    const around = ops.filter((other) => isOf(other) && isNear(other))
    const said = around.toSorted((a, b) => a.t0 - b.t0).map((each) => `    ${describe(each, op)}`)
    return [`  ${rule} ${all.length}×, such as: ${detail} (${where})`, ...said]
  })
}

/** An operation, with its times from the beginning of another. */
function describe(op: Op, from: Op): string {
  const { type, instance, code, reason, res, device, sid, issued, t0, t1 } = op
  const when = `${(t0 - from.t0).toFixed()} to ${(t1 - from.t0).toFixed()} ms`
  const cookies = `with ${shorten(sid)}, gives ${shorten(issued)}`
  return `${when}: ${type} on ${instance}: ${code} ${reason ?? res}, ${device ?? 'no device'}, ${cookies}`
}

/** Tells the cookies of one user apart. */
function shorten(sid: string | null): string {
  return sid?.slice(-6) ?? 'none'
}

/** Milliseconds. */
const AROUND = 10_000
