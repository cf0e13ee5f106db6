import t from 'tap'
import { faults, planShort, THINK } from './plan.ts'
import type { Rule } from './rules/report.ts'
import { type RunOptions, runHistory } from './run.ts'

// Seconds of what `npm run test:history -- --profile long` does for ten minutes. `docs/consistency.md` has its table.

/** Operations that mean something, however slow the machine is. */
const ENOUGH = 500

t.setTimeout(180_000)
t.jobs = 2 // a run waits more than it computes
const all = await faults()

for (const planned of planShort(all)) {
  t.test(`no promise is broken: ${planned.name}`, { buffered: true }, async (t) => {
    const report = await runHistory({ ...planned, ops: ENOUGH, seed: Date.now() })
    t.same(report.violations.slice(0, 3), [])
    const logins = report.history.ops.filter(({ type, res }) => type === 'login' && res === 'ok')
    t.same(new Set(logins.map(({ code }) => code)), new Set([200, 201]), 'by password and by a backend')
    t.same(planned.keepsSessions ? report.availability.wronglyDenied : [], [])
    // Not none: other tests may take the machine for so long that an answer comes too late.
    t.ok(report.availability.errorsOutside.length < report.history.ops.length / 100)
  })
}

t.test(
  'the usual store is found to break them, though nothing goes wrong',
  { buffered: true },
  async (t) => {
    t.ok(
      await isFound(['KICK', 'ORDER', 'RESURRECT'], 'none', {
        topology: 'single',
        without: 'atomicity',
      }),
    )
  },
)

t.test('our store without the fence is found to break them', { buffered: true }, async (t) => {
  t.ok(await isFound(['KICK', 'RESURRECT'], 'replica-promoted', { topology: 'pair', without: 'fence' }))
})

/** Whether one of these rules is found to be broken, in one of three runs: on a busy machine little happens in one. */
async function isFound(
  rules: readonly Rule[],
  name: string,
  options: Pick<RunOptions, 'topology'> & Pick<Required<RunOptions>, 'without'>,
): Promise<boolean> {
  const fault = all.get(name)
  if (fault === undefined) throw new Error(`no fault is named ${name}`)
  for (let tries = 0; tries < 3; tries++) {
    const { violations } = await runHistory({
      faults: [fault],
      instances: 2,
      users: 10,
      clients: 24,
      think: THINK,
      duration: 1_000,
      ops: ENOUGH,
      afterwards: 1_000,
      // What comes back to life stays so, until somebody has asked with it.
      settle: true,
      idleTimeout: 6_000,
      seed: Date.now(),
      ...options,
    })
    if (violations.some(({ rule }) => rules.includes(rule))) return true
  }
  return false
}
