import { parseArgs } from 'node:util'
import { exitOnSignals } from '../support/children.ts'
import type { Op } from './history.ts'
import { faults, type Planned, planLong, planShort } from './plan.ts'
import { type RunReport, runHistory } from './run.ts'
import { formatRow, formatViolations, HEADING } from './table.ts'

/** `npm run test:history`: runs a profile, prints a line of the table for each run, and fails if any promise was broken. */
async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      profile: { type: 'string', default: 'short' },
      fault: { type: 'string' },
      ops: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
    },
  })
  const all = await faults()
  const plan = values.profile === 'long' ? planLong(all) : planShort(all)
  const chosen =
    values.fault === undefined ? plan : planLong(all).filter(({ name }) => name === values.fault)
  if (chosen.length === 0) throw new Error(`no run is named ${values.fault}`)
  const print = (line: string) => void process.stdout.write(`${line}\n`)
  for (const line of HEADING) print(line)
  const total = { ops: 0, violations: 0, unwanted: 0 }
  for (const planned of chosen) {
    const options = {
      ...planned,
      ops: Number(values.ops),
      seed: Number(values.seed),
    }
    const report = await runHistory(options).catch((error: Error) => error)
    if (report instanceof Error) {
      print(`${planned.name}: ${report.stack}`)
      total.unwanted++
      continue
    }
    const unwanted = complaints(planned, report)
    print(formatRow(planned, report))
    for (const line of formatViolations(report.violations, report.history.ops)) print(line)
    for (const complaint of unwanted.slice(0, 10)) print(`  ${complaint}`)
    total.ops += report.history.ops.length
    total.violations += report.violations.length
    total.unwanted += unwanted.length
  }
  print(`${total.ops} operations, ${total.violations} violations`)
  return total.violations === 0 && total.unwanted === 0
}

/** What the availability verdict says against a run. */
function complaints({ keepsSessions }: Planned, { availability, history }: RunReport): string[] {
  const { errorsOutside, wronglyDenied } = availability
  const unfounded = keepsSessions ? wronglyDenied : []
  const start = history.ops[0]?.t0 ?? 0
  const describe = (what: string) => (op: Op) =>
    `${what}: ${op.type} of ${op.user} on instance ${op.instance} at ${(op.t0 - start).toFixed()} ms: ${op.code} ${op.reason}`
  return [
    ...errorsOutside.map(describe('an error outside the faults')),
    ...unfounded.map(describe('denied for no reason')),
  ]
}

if (import.meta.main) {
  exitOnSignals()
  process.exit((await main()) ? 0 : 1) // a world that did not start may have left servers
}
