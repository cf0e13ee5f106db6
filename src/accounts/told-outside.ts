import type { Message } from '../outbox/outbox.ts'
import { webhookBody } from '../outbox/webhook-body.ts'

/** What other systems of the operator are told with a token in it, so that they can pass it on. */
export type TokenEvent =
  | 'password.reset_requested'
  | 'email.confirmation_requested'
  | 'invitation.created'

/** A webhook in the form of Standard Webhooks. */
export function tokenWebhook(
  type: TokenEvent,
  userId: string | null,
  at: number,
  data: Record<string, unknown>,
): Message {
  return { kind: 'webhook', type, userId, body: webhookBody(type, at, data) }
}
