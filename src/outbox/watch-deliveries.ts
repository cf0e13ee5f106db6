import type { FastifyBaseLogger } from 'fastify'
import type { Metrics } from '../metrics/metrics.ts'
import type { Delivered } from './deliver-kind.ts'

type Told = { log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>; metrics: Metrics }

/** Reports deliveries to the log and the metrics. It never shows a body, which can contain a token. */
export function watchDeliveries({ log, metrics }: Told): (what: Delivered) => void {
  let isAway = false
  return (told) => {
    if (told.what === 'unavailable') {
      // Logged once, and not at each try.
      if (!isAway)
        log.warn({ event: 'outbox_unavailable', err: told.error }, 'messages wait for the database')
      isAway = true
      return
    }
    isAway = false
    if (told.what === 'counted') return metrics.gaugeOutbox(told.kind, told)
    const { id, kind, type, userId, attempt } = told.message
    const about = { kind, id, type, userId, attempt }
    metrics.countDelivery(kind, told.what)
    if (told.what === 'sent') return log.info({ event: 'message_sent', ...about }, 'a message was sent')
    const { error: reason, pause } = told
    if (told.what === 'dead')
      log.error({ event: 'message_dead', ...about, reason }, 'a message was given up: oneseat webhooks')
    else log.warn({ event: 'message_failed', ...about, reason, pause }, 'a message did not arrive yet')
  }
}
