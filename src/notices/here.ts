import cluster from 'node:cluster'
import { localNotices } from './local.ts'
import type { Notices } from './notices.ts'
import { workerNotices } from './workers.ts'

/** Notices within this machine: of this process, or of all workers. */
export function noticesHere(): Notices {
  return cluster.isWorker ? workerNotices() : localNotices()
}
