import { parentPort } from 'node:worker_threads'
import { explore } from './explore.ts'
import type { Scenario } from './scenario.ts'

export type Exploration = { scenario: Scenario; search: 'all' | 'shortest' }

// Explores in a thread of its own.
parentPort?.on('message', async ({ scenario, search }: Exploration) => {
  parentPort?.postMessage(await explore(scenario, search))
})
