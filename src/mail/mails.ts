import type { Message } from '../outbox/outbox.ts'

/** A one-time token on its way to its owner, and the page that takes it, if the operator has named one. */
export type Link = { token: string; url: string | null }

/** The mails that there are, with what their texts need. */
export type Mail =
  | { type: 'reset_link'; username: string; link: Link }
  | { type: 'password_due'; username: string; link: Link }
  | { type: 'password_reset'; username: string }
  | { type: 'confirm_address'; username: string; link: Link }
  | { type: 'address_change'; username: string }
  | { type: 'invitation'; link: Link }

/** A mail to a user, or to somebody who is none yet (null), as a message of the outbox; nothing where there is no address. */
export function mailTo(email: string | null, userId: string | null, mail: Mail): Message[] {
  if (email === null) return []
  return [{ kind: 'mail', type: mail.type, userId, body: JSON.stringify({ to: email, mail }) }]
}

/** What the body of such a message says. */
export function readMail(body: string): { to: string; mail: Mail } {
  return JSON.parse(body) as { to: string; mail: Mail }
}
