import type { Message } from '../outbox/outbox.ts'

/** A one-time token for a mail, and the URL of the page for it, if the operator has set one. */
export type Link = { token: string; url: string | null }

/** All kinds of mails, with what their texts need. */
export type Mail =
  | { type: 'reset_link'; username: string; link: Link }
  | { type: 'password_due'; username: string; link: Link }
  | { type: 'password_reset'; username: string }
  | { type: 'confirm_address'; username: string; link: Link }
  | { type: 'address_change'; username: string }
  | { type: 'invitation'; link: Link }

/** A mail as a message of the outbox, to a user or to somebody who has no account yet (null); empty without an address. */
export function mailTo(email: string | null, userId: string | null, mail: Mail): Message[] {
  if (email === null) return []
  return [{ kind: 'mail', type: mail.type, userId, body: JSON.stringify({ to: email, mail }) }]
}

/** Reads the body of such a message. */
export function readMail(body: string): { to: string; mail: Mail } {
  return JSON.parse(body) as { to: string; mail: Mail }
}
