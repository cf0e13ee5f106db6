import type { ChildProcess } from 'node:child_process'

/** Has a child end with this process at the latest: a test that fails must leave nothing running. */
export function endWithUs(child: ChildProcess): ChildProcess {
  running.add(child)
  return child.once('exit', () => running.delete(child))
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Has this process exit when it is told to end, so that its children do as well. tap has its own way; this is for programs. */
export function exitOnSignals(): void {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
}

/**
 * A command and its arguments so that it runs as it would outside of a test. tap puts its loader into every Node that a
 * test starts, at whatever depth, and that doubles the time to start; only where lines are to be counted is it wanted.
 */
export function withoutTap(command: string, args: readonly string[]): [string, string[]] {
  return ['env', ['-u', 'NODE_OPTIONS', command, ...args]]
}

/** Arguments of Node with which it loads the service sooner; see `tools/glue-packages.ts`. */
export function loadedSooner(): string[] {
  const { TEST_GLUED_PACKAGES } = process.env
  return TEST_GLUED_PACKAGES === undefined ? [] : [TEST_GLUED_PACKAGES]
}

/** Environment in which Node compiles a file once for the whole run of the tests, and not in every process. */
export function compiledOnce(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = process.env
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }
}
