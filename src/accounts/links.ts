import type { Link } from '../mail/mails.ts'

/** The pages of the operator that take a one-time token, each a URL with `{token}`; empty where there is none. */
export type Pages = { reset: string; confirm: string; invitation: string }

/** A token with the page that takes it. */
export function linkTo(page: string, token: string): Link {
  return { token, url: page === '' ? null : page.replaceAll('{token}', token) }
}
