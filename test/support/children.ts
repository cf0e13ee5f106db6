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
