import { invalidRequest, Refusal } from '../errors.ts'
import { mailTo } from '../mail/mails.ts'
import type { Accounts } from './accounts.ts'
import type { MakeLink } from './links.ts'
import { requireNewUsername } from './name-profile.ts'
import type { Issued } from './resets.ts'
import { hashToken } from './tokens.ts'

type NewInvitation = {
  username?: string | undefined
  roles?: readonly string[] | undefined
  email?: string | undefined
}

/** Invitations to make an account, also when sign-up is closed. */
export type Invitations = {
  /**
   * Makes an invitation. With a username it is for that name only; with an address it is sent there. It becomes invalid when `by`
   * is no longer an administrator.
   */
  issue(wish: NewInvitation, by: string | null): Promise<Issued>
  /** The roles that an invitation gives to the new account of this name. Throws `token_used`. */
  accept(token: string, username: string): Promise<readonly string[]>
}

export function invitationsWith(
  accounts: Pick<Accounts, 'keepToken' | 'findToken' | 'findTaken'>,
  makeLink: MakeLink,
): Invitations {
  return {
    async issue({ username, roles = [], email = null }, by) {
      const name = username === undefined ? null : requireNewUsername(username)
      if (name !== null && (await accounts.findTaken([name])).length > 0)
        throw new Refusal('username_taken')
      const data = { ...(name === null ? {} : { username: name }), roles }
      const what = { purpose: 'invitation', userId: by, data } as const
      const { link, kept, told } = makeLink(what, { ...data, email })
      await accounts.keepToken(kept, null, [...mailTo(email, null, { type: 'invitation', link }), told])
      return { ...link, expiresAt: kept.expiresAt }
    },

    async accept(token, username) {
      const found = await accounts.findToken('invitation', hashToken(token))
      if (found === null) throw new Refusal('token_used')
      const { username: invited, roles = [] } = found.data
      if (invited !== undefined && requireNewUsername(username) !== invited)
        throw invalidRequest([{ path: '/username', message: `must be ${invited}, who was invited` }])
      return roles
    },
  }
}
