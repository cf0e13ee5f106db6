import type { Account, Accounts } from '../accounts/accounts.ts'
import type { Parts } from '../routes/parts.ts'
import { onCommandLine } from '../timeline/note.ts'
import { showTime } from './time.ts'

type NewUser = { username: string; password: string; roles: readonly string[] }

/** Makes an account by the rules of `POST /register`, and says so in a sentence. */
export async function addUser(
  { signUp }: Parts,
  { username, password, roles }: NewUser,
  now: number,
): Promise<string> {
  const account = await signUp({ username, password, roles }, onCommandLine('registered', now))
  const as =
    roles.length === 0 ? '' : `, with ${roles.length === 1 ? 'role' : 'roles'} ${roles.join(', ')}`
  return `${account.username} has an account now${as}.`
}

/** One line for each account, by name: name, roles, when it was made, last login, and whether it is disabled. */
export async function* listUsers(accounts: Accounts, pageSize = 200): AsyncGenerator<string> {
  for (let after = ''; ; ) {
    const page = await accounts.list({ after, limit: pageSize })
    for (const account of page) yield describe(account)
    const last = page.at(-1)
    if (last === undefined) return
    after = last.username
  }
}

function describe(account: Account): string {
  return [
    account.username,
    account.roles.join(',') || '-',
    showTime(account.createdAt, 'day'),
    account.lastLoginAt === null ? 'never' : showTime(account.lastLoginAt, 'day'),
    account.disabled ? 'disabled' : 'enabled',
  ].join('\t')
}
