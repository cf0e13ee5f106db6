import type { Target } from './targets.ts'

/** Targets that belong together, opened when it is their turn: the less is loaded, the faster they run. */
export type Group = () => Promise<{ targets: Target[]; close: () => Promise<void> }>

/** What is fuzzed: the parsers one by one, and the whole service behind a connection. */
export const groups: Group[] = [
  async () => {
    const { TARGETS } = await import('./targets.ts')
    return { targets: TARGETS, close: async () => {} }
  },
  async () => {
    const { openRequests } = await import('./requests.ts')
    const { target, close } = await openRequests()
    return { targets: [target], close }
  },
]
