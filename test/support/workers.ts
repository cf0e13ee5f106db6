import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { type Instance, type StartOptions, startInstance } from './process.ts'
import { until } from './until.ts'

/** The program with several workers. */
export type Workers = { instance: Instance; pids: number[] }

/** Starts the program with two workers and waits until all serve. When the test ends, nothing of it is left. */
export async function startWorkers(
  t: Test,
  env: Record<string, string>,
  options?: StartOptions,
): Promise<Workers> {
  const instance = await startInstance({ WORKERS: '2', ...env }, options)
  let pids: number[] = []
  t.teardown(async () => {
    instance.signal('SIGCONT')
    await instance.stop()
    for (const pid of pids.filter(isRunning)) process.kill(pid, 'SIGKILL') // one that was stopped hears nothing
  })
  await until(() => linesOf(instance, 'workers_ready').length === 1)
  pids = linesOf(instance, 'workers_ready')[0]?.['workers'] as number[]
  return { instance, pids }
}

/** The log lines of one event. */
export function linesOf(instance: Instance, event: string): Record<string, unknown>[] {
  return instance.logs.filter((line) => line['event'] === event)
}

/** Waits until none of these processes runs. */
export async function gone(pids: readonly number[]): Promise<void> {
  await until(() => !pids.some(isRunning))
}

/** The processes that a process has started and that it has not seen end (Linux). */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean).map(Number)
}

/** One variable of the environment that a process was started with (Linux). */
export function environmentOf(pid: number, name: string): string | undefined {
  const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  return variables.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** Whether a process runs; one that has ended and was not waited for does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
