import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { HashCounts } from '../accounts/hash-queue.ts'
import { CATALOGUE, type ErrorCode } from '../errors.ts'
import { KINDS, type MessageKind } from '../outbox/outbox.ts'
import { EVENT_TYPES, type EventType } from '../timeline/timeline.ts'
import type { AnswerTimes } from './answer-times.ts'

/** The metrics of the service, in the text format of Prometheus. */
export type Metrics = {
  countEvent(type: EventType): void
  /** Counts an answer that was a refusal or a bug (`internal`). */
  countError(code: ErrorCode): void
  /** Counts an attempt to deliver a message. */
  countDelivery(kind: MessageKind, outcome: DeliveryOutcome): void
  /** Sets how many messages wait, and how many are dead. */
  gaugeOutbox(kind: MessageKind, counts: { waiting: number; dead: number }): void
  contentType: string
  text(): Promise<string>
}

/** The outcomes of an attempt: the message arrived, is tried again, or is given up. */
const OUTCOMES = ['sent', 'failed', 'dead'] as const
type DeliveryOutcome = (typeof OUTCOMES)[number]

type Watched = {
  answerTimes: AnswerTimes
  hashes: () => HashCounts
}

/** Makes the metrics in a separate registry, so that two services in one process count separately. */
export function openMetrics({ answerTimes, hashes }: Watched): Metrics {
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
    help: 'Calls that were refused or failed, by code.',
    labelNames: ['code'],
    registers: [registry],
  })
  const deliveries = new Counter({
    name: 'oneseat_deliveries_total',
    help: 'Attempts to get a message out, by webhook or mail, and what became of them.',
    labelNames: ['kind', 'outcome'],
    registers: [registry],
  })
  const outbox = new Gauge({
    name: 'oneseat_outbox_messages',
    help: 'Messages that wait to get out, and that were given up; 100,000 stands for all above.',
    labelNames: ['kind', 'state'],
    registers: [registry],
  })
  // Prometheus sees the first increase only if the counter existed before.
  for (const type of EVENT_TYPES) events.inc({ type }, 0)
  for (const code of Object.keys(CATALOGUE)) errors.inc({ code }, 0)
  for (const kind of KINDS) {
    for (const outcome of OUTCOMES) deliveries.inc({ kind, outcome }, 0)
    for (const state of ['waiting', 'dead']) outbox.set({ kind, state }, 0)
  }
  registry.registerMetric(answerTimes)
  gaugeHashes(registry, hashes)
  return {
    countEvent: (type) => events.inc({ type }),
    countError: (code) => errors.inc({ code }),
    countDelivery: (kind, outcome) => deliveries.inc({ kind, outcome }),
    gaugeOutbox(kind, { waiting, dead }) {
      outbox.set({ kind, state: 'waiting' }, waiting)
      outbox.set({ kind, state: 'dead' }, dead)
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}

/** Shows how many password hashes run and wait. If too many wait, logins are answered 503 `overloaded`. */
function gaugeHashes(registry: Registry, hashes: () => HashCounts): void {
  new Gauge({
    name: 'oneseat_password_hashes',
    help: 'Password hashes that run, and that wait for their turn.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      const { running, waiting } = hashes()
      this.set({ state: 'running' }, running)
      this.set({ state: 'waiting' }, waiting)
    },
  })
}
