import { Type } from '@sinclair/typebox'
import { refusals } from '../http/refusals.ts'
import { shareAnswers } from '../http/shared-answers.ts'
import type { App } from '../http/types.ts'
import type { Parts } from './parts.ts'

/** Metrics for Prometheus. They name no user; let the proxy keep them private all the same. */
export async function metricsRoutes(app: App, { metrics }: Pick<Parts, 'metrics'>): Promise<void> {
  const text = shareAnswers(metrics.text)
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics',
        summary: 'Metrics for Prometheus.',
        produces: ['text/plain'],
        response: {
          200: Type.String({ examples: ['oneseat_events_total{type="login"} 17\n'] }),
          ...refusals('store_unavailable'),
        },
      },
    },
    async function answerMetrics(_request, reply) {
      return reply.type(metrics.contentType).send(await text())
    },
  )
}
