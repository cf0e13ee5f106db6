import { Refusal } from '../errors.ts'
import { mailTo } from '../mail/mails.ts'
import type { Message } from '../outbox/outbox.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Account, Accounts, Along } from './accounts.ts'
import type { MakeLink } from './links.ts'
import { hashToken } from './tokens.ts'

type Someone = Pick<Account, 'id' | 'username' | 'email' | 'credentialNumber'>

/** Mail addresses of users. An address is not used before it is confirmed by the link that was sent there. */
export type Addresses = {
  /** Makes and sends the link that confirms `email`, as a part of another change. */
  confirmationOf(account: Someone, email: string): Required<Pick<Along, 'makes' | 'messages'>>
  /** Confirms an address with the token of such a link. Throws `token_used`. */
  confirm(token: string, note: string): Promise<void>
  /** The message to the previous address about a change. */
  tellOld(account: Someone): Message[]
}

type Needed = {
  accounts: Accounts
  sessions: Pick<Sessions, 'update'>
  makeLink: MakeLink
}

export function addressesWith({ accounts, sessions, makeLink }: Needed): Addresses {
  return {
    confirmationOf,

    async confirm(token, note) {
      const uses = { purpose: 'confirm', hash: hashToken(token) } as const
      const found = await accounts.findToken(uses.purpose, uses.hash)
      const account = found?.userId == null ? null : await accounts.findById(found.userId)
      if (account === null) throw new Refusal('token_used')
      const { email, credentialNumber: ifCredential } = found?.data ?? {}
      const change = accounts.change(account, { email }, { uses, ifCredential })
      if ((await sessions.update(account.handle, change, note)) === null) throw new Refusal('token_used')
    },

    tellOld,
  }

  function confirmationOf({ id, username, credentialNumber }: Someone, email: string) {
    // If the password is changed at the same moment, perhaps because somebody else knew it, this link becomes invalid.
    const what = { purpose: 'confirm', userId: id, data: { email, credentialNumber } } as const
    const { link, kept, told } = makeLink(what, { userId: id, username, email })
    const mail = mailTo(email, id, { type: 'confirm_address', username, link })
    return { makes: kept, messages: [...mail, told] }
  }

  function tellOld({ id, username, email }: Someone): Message[] {
    return mailTo(email, id, { type: 'address_change', username })
  }
}
