import cluster, { type Worker } from 'node:cluster'

/** What a worker says when it serves: where, and whether nobody has an account yet. */
export type Hello = { url: string; isNew: boolean }

/** What workers and the primary process tell each other; the libraries that count for all have messages of their own. */
export type Message =
  | ({ oneseat: 'ready' } & Hello)
  | { oneseat: 'failed'; reason: string }
  | { oneseat: 'stop' }
  | { oneseat: 'notice'; handle: string }
  | { oneseat: 'metrics wanted'; id: number }
  | { oneseat: 'metrics'; id: number; text: string | null }

/** Never throws: if the primary process is gone, this worker is about to end. `told` is called either way. */
export function tellPrimary(message: Message, told = () => {}): void {
  process.send?.(message, undefined, undefined, told)
}

/** Never throws: whoever needs a worker to hear it sees its end. */
export function tellWorker(worker: Worker, message: Message): void {
  if (worker.isConnected()) worker.send(message, () => {})
}

/** Calls `listener` for every message of this kind from the primary process. */
export function hearPrimary<Kind extends Message['oneseat']>(
  kind: Kind,
  listener: (message: Extract<Message, { oneseat: Kind }>) => void,
): void {
  process.on('message', (message) => {
    if (isOf(kind, message)) listener(message)
  })
}

/** Calls `listener` for every message of this kind from any worker, also those that are yet to come. */
export function hearWorkers<Kind extends Message['oneseat']>(
  kind: Kind,
  listener: (from: Worker, message: Extract<Message, { oneseat: Kind }>) => void,
): void {
  cluster.on('message', (from, message) => {
    if (isOf(kind, message)) listener(from, message)
  })
}

function isOf<Kind extends Message['oneseat']>(
  kind: Kind,
  message: unknown,
): message is Extract<Message, { oneseat: Kind }> {
  return (message as Message).oneseat === kind
}
