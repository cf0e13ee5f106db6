import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Answer } from './browser.ts'
import { closedLatch, type Latch } from './latch.ts'
import { carryNaively, type NaiveKind, naiveSessions } from './naive.ts'
import { BOTH_ENDS, type EngineName, type Service, startService } from './service.ts'
import { slowRoutes } from './slow.ts'

/** A service with a user `ann` and slow routes that wait for the latch. */
export type Scene = { service: Service; latch: Latch }

/** A promise to check, and how a naive store breaks it: the check must find that out, or it could not fail at all. */
export type Check = {
  name: string
  /** What went wrong; nothing with our rules. */
  run: (scene: Scene) => Promise<string[]>
  naive: NaiveKind
  /** What `run` finds with the naive rules. */
  finds: string
}

/** Makes each check a test, on every engine, with our rules and with naive ones. */
export function testChecks(checks: readonly Check[]): void {
  for (const { name, run, naive, finds } of checks) {
    for (const engine of BOTH_ENDS) {
      t.test(`${name} [${engine}]`, async (t) => {
        t.strictSame(await run(await setScene(t, engine, null)), [])
        const found = await run(await setScene(t, engine, naive))
        t.ok(found.includes(finds), 'finds the fault of a naive store', { found, finds })
      })
    }
  }
}

async function setScene(t: Test, engine: EngineName, naive: NaiveKind | null): Promise<Scene> {
  const latch = closedLatch()
  const service = await startService(t, engine, {
    extend: slowRoutes(latch.pass, naive === null ? null : carryNaively),
    ...(naive === null ? {} : { rules: (engines) => naiveSessions(engines, naive, randomBytes) }),
  })
  await service.register('ann')
  // SQLite answers in the same turn: let the calls of many requests mix there as they do over a network.
  service.watched.around = async (_call, work) => {
    await nextTurn()
    return work()
  }
  return { service, latch }
}

/** Nothing if `who` was answered so, else what they got instead. */
export function unlessAnswered(who: string, answer: Answer, status: number, code?: string): string[] {
  const matches = answer.status === status && (code === undefined || answer.body.code === code)
  return matches ? [] : [`${who} got ${[answer.status, answer.body.code].join(' ').trim()}`]
}
