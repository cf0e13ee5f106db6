import cluster from 'node:cluster'
import { hearPrimary, hearWorkers, tellPrimary, tellWorker } from '../workers/messages.ts'
import { Listeners } from './listeners.ts'
import type { Notices } from './notices.ts'

/** Notices among the workers of one machine, by way of the primary process. */
export function workerNotices(): Notices {
  const listeners = new Listeners()
  hearPrimary('notice', ({ handle }) => listeners.call(handle))
  return {
    publish: (handle) => {
      listeners.call(handle)
      tellPrimary({ oneseat: 'notice', handle })
    },
    subscribe: (handle, listener) => listeners.add(handle, listener),
    close: async () => {},
  }
}

/** In the primary process: passes each notice on to the other workers. */
export function passOnNotices(): void {
  hearWorkers('notice', (from, notice) => {
    for (const worker of Object.values(cluster.workers ?? {})) {
      if (worker !== undefined && worker !== from) tellWorker(worker, notice)
    }
  })
}
