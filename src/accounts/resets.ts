import { Refusal } from '../errors.ts'
import { FORGOTTEN } from '../mail/deliver-mail.ts'
import { mailTo } from '../mail/mails.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Account, Accounts } from './accounts.ts'
import type { Client } from './hash-queue.ts'
import type { MakeLink } from './links.ts'
import { checkNewPassword } from './password-policy.ts'
import type { Passwords } from './passwords.ts'
import { hashToken } from './tokens.ts'

/** A one-time token for an administrator to pass on. */
export type Issued = { token: string; url: string | null; expiresAt: number }

/** Links to set another password, when it is lost or known to others. `note` is for the timeline. */
export type Resets = {
  /** Stores a request for a link. It is the same work for every name, whether an account has it or not. */
  request(username: string, maskedIp: string): Promise<void>
  /** Sends the link for such a request. Does nothing if no account has the name, or if it may not sign in. */
  answer(body: string): Promise<void>
  /**
   * Makes a link for an administrator to pass on, and sends it to the user's address. Every session ends. The old password can
   * only be used to change it.
   */
  issue(account: Account, note: string): Promise<Issued>
  /**
   * Sets another password with the token of such a link; every session ends. Throws `token_used`, or the refusals of a new
   * password.
   */
  reset(
    wish: { token: string; newPassword: string },
    note: string,
    clientOf: (account: Account) => Client,
  ): Promise<Account>
}

type Needed = {
  accounts: Accounts
  sessions: Pick<Sessions, 'update'>
  passwords: Pick<Passwords, 'hash'>
  makeLink: MakeLink
  clock: () => number
}

export function resetsWith(needed: Needed): Resets {
  const { accounts, sessions, passwords, makeLink, clock } = needed

  async function request(username: string, ip: string): Promise<void> {
    const body = JSON.stringify({ username, ip, at: clock() } satisfies Forgotten)
    await accounts.tell([{ kind: 'mail', type: FORGOTTEN, userId: null, body }])
  }

  async function answer(body: string): Promise<void> {
    const { username, ip, at } = JSON.parse(body) as Forgotten
    const account = await accounts.findByUsername(username)
    if (account === null || account.disabled) return
    const { id: userId, email } = account
    const { link, kept, told } = newLink(account)
    const event = {
      userId,
      at,
      ip,
      type: 'reset_requested',
      sessionId: null,
      device: null,
      by: null,
    } as const
    const mail = mailTo(email, userId, { type: 'reset_link', username, link })
    await accounts.keepToken(kept, event, [...mail, told])
  }

  async function issue(account: Account, note: string): Promise<Issued> {
    const { link, kept, told } = newLink(account)
    const { handle, id, email, username } = account
    const messages = [...mailTo(email, id, { type: 'password_due', username, link }), told]
    const change = accounts.change(account, { mustChangePassword: true }, { makes: kept, messages })
    if ((await sessions.update(handle, change, note, 'session_revoked')) === null)
      throw new Refusal('not_found')
    return { ...link, expiresAt: kept.expiresAt }
  }

  async function reset(
    { token, newPassword }: { token: string; newPassword: string },
    note: string,
    clientOf: (account: Account) => Client,
  ): Promise<Account> {
    const uses = { purpose: 'reset', hash: hashToken(token) } as const
    const userId = (await accounts.findToken(uses.purpose, uses.hash))?.userId ?? null
    const account = userId === null ? null : await accounts.findById(userId)
    if (account === null) throw new Refusal('token_used')
    const { id, username, email } = account
    await checkNewPassword(newPassword, username)
    const passwordHash = await passwords.hash(newPassword, clientOf(account))
    const messages = mailTo(email, id, { type: 'password_reset', username })
    const change = accounts.change(account, { passwordHash }, { uses, messages })
    if ((await sessions.update(account.handle, change, note)) === null) throw new Refusal('token_used')
    return account
  }

  function newLink({ id: userId, username, email }: Account) {
    return makeLink({ purpose: 'reset', userId }, { userId, username, email })
  }

  return { request, answer, issue, reset }
}

/** A request for a link, as the outbox stores it. */
type Forgotten = { username: string; ip: string; at: number }
