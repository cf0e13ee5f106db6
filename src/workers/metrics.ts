import { AggregatorRegistry, type Registry } from 'prom-client'
import { overloaded } from '../errors.ts'
import { hearPrimary, hearWorkers, tellPrimary, tellWorker } from './messages.ts'

/** In a worker: the metrics of all workers together, whichever is asked. Throws `overloaded` if one of them does not tell its own. */
export function metricsOfAll(own: Registry): () => Promise<string> {
  AggregatorRegistry.setRegistries(own)
  new AggregatorRegistry() // answers when the primary process asks
  const waiting = new Map<number, (text: string | null) => void>()
  let count = 0
  hearPrimary('metrics', ({ id, text }) => {
    waiting.get(id)?.(text)
    waiting.delete(id)
  })

  return async () => {
    const id = count++
    const text = await new Promise<string | null>((done) => {
      waiting.set(id, done)
      tellPrimary({ oneseat: 'metrics wanted', id })
    })
    if (text === null) throw overloaded()
    return text
  }
}

/** In the primary process: asks all workers on behalf of the one that was asked. */
export function gatherMetrics(): void {
  const all = new AggregatorRegistry()
  hearWorkers('metrics wanted', async (worker, { id }) => {
    const text = await all.clusterMetrics().catch(() => null)
    tellWorker(worker, { oneseat: 'metrics', id, text })
  })
}
