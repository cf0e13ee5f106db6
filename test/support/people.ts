import type { AccountChange } from '../../src/accounts/accounts.ts'
import type { Browser } from './browser.ts'
import { PASSWORD } from './browser.ts'
import { REGISTERED, type Service } from './service.ts'

/** A device of somebody who has signed in, with what the login answered. */
export type SignedIn = {
  browser: Browser
  user: { id: string; username: string }
  session: { id: string; createdAt: string; expiresAt: string }
}

/** Makes a user with the password that `Browser.login` gives. */
export async function makeUser(
  service: Service,
  username: string,
  roles: readonly string[] = [],
): Promise<void> {
  await service.parts.signUp({ username, password: PASSWORD, roles }, REGISTERED)
}

/** Changes roles or flags of a user, as an administrator does. */
export async function changeUser(
  { parts: { accounts, sessions } }: Service,
  username: string,
  change: AccountChange,
): Promise<void> {
  const account = await accounts.findByUsername(username)
  if (account === null) throw new Error(`nobody is called ${username}`)
  await sessions.update(account.handle, accounts.change(account, change))
}

/** Gives a user a mail address as if they had confirmed it. */
export async function giveAddress(service: Service, username: string, email: string): Promise<void> {
  await changeUser(service, username, { email })
}

/** Signs a user in on a new device. */
export async function signIn(
  service: Service,
  username: string,
  device = 'a device',
  headers: Record<string, string> = {},
): Promise<SignedIn> {
  const browser = service.browser(headers)
  const { status, body } = await browser.login(username, { device })
  if (status !== 200) throw new Error(`${username} could not sign in: ${status} ${body.code}`)
  return { browser, user: body.user, session: body.session }
}

/** Makes a user and signs them in. */
export async function join(
  service: Service,
  username: string,
  roles: readonly string[] = [],
): Promise<SignedIn> {
  await makeUser(service, username, roles)
  return signIn(service, username)
}

/** What `GET /me` answers a device: `200`, or the code of the refusal. */
export async function standing({ browser }: { browser: Browser }): Promise<string> {
  const { status, body } = await browser.get('/me')
  return status === 200 ? '200' : body.code
}
