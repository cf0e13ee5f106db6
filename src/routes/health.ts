import { Health } from '../../schemas/health.ts'
import { refusals } from '../http/refusals.ts'
import { shareAnswers } from '../http/shared-answers.ts'
import type { App } from '../http/types.ts'
import type { Parts } from './parts.ts'

/** Health checks. `ready` resolves if this instance can do its work, and throws `store_unavailable` if not. */
export async function healthRoutes(app: App, { ready }: Parts): Promise<void> {
  const look = shareAnswers(ready)
  app.get(
    '/health/live',
    { schema: { operationId: 'live', summary: 'The process runs.', response: { 200: Health } } },
    async function live() {
      return OK
    },
  )

  app.get(
    '/health/ready',
    {
      schema: {
        operationId: 'ready',
        summary: 'The stores answer: send traffic here.',
        response: { 200: Health, ...refusals('store_unavailable') },
      },
    },
    async function answerReady() {
      await look()
      return OK
    },
  )
}

const OK = { status: 'ok' } as const
