import type { Link } from '../mail/mails.ts'
import type { Message } from '../outbox/outbox.ts'
import { webhookBody } from '../outbox/webhook-body.ts'
import type { RandomBytes } from '../sessions/token.ts'
import { hashToken, type KeptToken, type Purpose } from './tokens.ts'

/** The operator's pages for one-time tokens, each a URL with `{token}`; empty if there is none. */
export type Pages = Readonly<Record<Purpose, string>>

/**
 * Makes a one-time token. `link` goes only to its owner, `kept` is stored, and `told` is the webhook for other systems of the
 * operator, so that they can pass the token on. `about` adds members to that webhook.
 */
export type MakeLink = (
  what: Pick<KeptToken, 'purpose' | 'userId'> & Partial<Pick<KeptToken, 'data'>>,
  about: Readonly<Record<string, unknown>>,
) => { link: Link; kept: KeptToken; told: Message }

export function linksWith(pages: Pages, random: RandomBytes, clock: () => number): MakeLink {
  return ({ purpose, userId, data = {} }, about) => {
    const now = clock()
    const token = random(32).toString('base64url')
    const page = pages[purpose]
    const link = { token, url: page === '' ? null : page.replaceAll('{token}', token) }
    const kept = { hash: hashToken(token), purpose, userId, data, expiresAt: now + LIFE[purpose] }
    const type = WEBHOOKS[purpose]
    const expiresAt = new Date(kept.expiresAt).toISOString()
    const body = webhookBody(type, now, { ...about, ...link, expiresAt })
    const concerned = purpose === 'invitation' ? null : userId // an invited person is not a user yet
    return { link, kept, told: { kind: 'webhook', type, userId: concerned, body } }
  }
}

const HOUR = 60 * 60 * 1000
const LIFE: Record<Purpose, number> = { reset: HOUR, confirm: 24 * HOUR, invitation: 7 * 24 * HOUR }

const WEBHOOKS: Record<Purpose, string> = {
  reset: 'password.reset_requested',
  confirm: 'email.confirmation_requested',
  invitation: 'invitation.created',
}
