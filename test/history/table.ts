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

/** Of each rule that was broken, how often and the first time. */
export function formatViolations(violations: readonly Violation[]): string[] {
  return [...Map.groupBy(violations, ({ rule }) => rule)].map(([rule, all]) => {
    const [{ op, detail }] = all as [Violation]
    const where = `${op.user}, instance ${op.instance}, ${op.type} ${op.code}`
    return `  ${rule} ${all.length}×, such as: ${detail} (${where})`
  })
}
