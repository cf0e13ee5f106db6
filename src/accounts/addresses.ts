import { Refusal } from '../errors.ts'
import { mailTo } from '../mail/mails.ts'
import type { Message } from '../outbox/outbox.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Account, Accounts, Along } from './accounts.ts'
import type { MakeLink } from './links.ts'
import { hashToken } from './tokens.ts'

type Someone = Pick<Account, 'id' | 'username' | 'email' | 'credentialNumber'>

/** Mail addresses of users. One is used for nothing before it is confirmed by the link that was sent there. */
export type Addresses = {
  /** The link that confirms `email`, made and sent as a part of another change. */
  confirmationOf(account: Someone, email: string): Required<Pick<Along, 'makes' | 'messages'>>
  /** Confirms an address by such a link. Throws `token_used`. */
  confirm(token: string, note: string): Promise<void>
  /** What the address that there was is told of a change. */
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
    // The password may be changed at this moment because of whoever asks with it: then the link is void.
    const what = { purpose: 'confirm', userId: id, data: { email, credentialNumber } } as const
    const { link, kept, told } = makeLink(what, { userId: id, username, email })
    const mail = mailTo(email, id, { type: 'confirm_address', username, link })
    return { makes: kept, messages: [...mail, told] }
  }

  function tellOld({ id, username, email }: Someone): Message[] {
    return mailTo(email, id, { type: 'address_change', username })
  }
}
