import cluster from 'node:cluster'
import { Counter, collectDefaultMetrics, Registry } from 'prom-client'
import { Refusal } from './errors.ts'
import type { EventType } from './timeline/timeline.ts'
import { metricsOfAll } from './workers/metrics.ts'

/** What an operator watches, in the text format of Prometheus. */
export type Metrics = {
  countEvent(type: EventType): void
  /** Counts an answer that was a refusal or a bug, by its code. */
  countError(error: unknown): void
  contentType: string
  text(): Promise<string>
}

/** A registry of its own, so that two services in one process do not count for each other. */
export function openMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const events = new Counter({
    name: 'oneseat_events_total',
    help: 'What happened to accounts, as on their timelines.',
    labelNames: ['type'],
    registers: [registry],
  })
  const errors = new Counter({
    name: 'oneseat_errors_total',
    help: 'Answers that were errors, by code.',
    labelNames: ['code'],
    registers: [registry],
  })
  return {
    countEvent: (type) => events.inc({ type }),
    countError: (error) => errors.inc({ code: error instanceof Refusal ? error.code : 'framework' }),
    contentType: registry.contentType,
    text: cluster.isWorker ? metricsOfAll(registry) : () => registry.metrics(),
  }
}
