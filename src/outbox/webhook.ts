import { createHmac } from 'node:crypto'
import type { Deliver } from './outbox.ts'

type WebhookOptions = { url: string; secret: string; clock: () => number }

/**
 * Sends messages to one URL as Standard Webhooks (https://www.standardwebhooks.com). Only a 2xx answer counts as arrived. A
 * redirect is not followed, because it could lead to a place that the operator did not choose. The body of an answer is not read.
 */
export function webhookTo({ url, secret, clock }: WebhookOptions): Deliver {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')

  return async function deliver({ id, body }, signal) {
    const timestamp = String(Math.floor(clock() / 1000))
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'oneseat',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
      redirect: 'manual',
      signal,
    })
    await answer.body?.cancel()
    if (!answer.ok) throw new Error(`answered ${answer.status}`)
  }
}

/** Why a secret cannot be used; null if it can. */
export function webhookSecretProblem(secret: string): string | null {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret))
    return 'needs whsec_ and then random bytes in base64 (`echo whsec_$(openssl rand -base64 32)`).'
  const { length } = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
  return length >= 24 && length <= 64 ? null : 'needs 24 to 64 random bytes after whsec_.'
}

/** Why a webhook URL cannot be used; null if it can. Private addresses are allowed, because the operator sets it. */
export function webhookUrlProblem(text: string): string | null {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return 'needs an http:// or https:// URL.'
  if (url.username !== '' || url.password !== '')
    return 'may not have a name or a password in it: what is sent is signed with WEBHOOK_SECRET.'
  return null
}

const SECRET_PREFIX = 'whsec_'
