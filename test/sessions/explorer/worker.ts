import { parentPort } from 'node:worker_threads'
import { explore } from './explore.ts'
import type { Scenario } from './scenario.ts'

// Explores in a thread of its own: the test runner follows every promise of the main one, and there are millions here.
parentPort?.on(
  'message',
  async ({ scenario, search }: { scenario: Scenario; search: 'all' | 'shortest' }) => {
    parentPort?.postMessage(await explore(scenario, search))
  },
)
