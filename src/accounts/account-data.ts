import type { UserData } from '../sessions/record.ts'

/** What the service stores of an account with each session, as the core's `data`. Members that do not apply are absent. */
export type AccountData = {
  username: string
  createdAt: number
  email?: string
  mustChangePassword?: true
  /** What the operator's backend passed with a sign-in. */
  data?: UserData | null
}

/** The members to change; absent ones stay. */
type DataChange = {
  username?: string | undefined
  email?: string | null | undefined
  mustChangePassword?: boolean | undefined
}

/** Reads the data as stored in SQL. */
export function readData(text: string | null): AccountData {
  return JSON.parse(text ?? '{}') as AccountData // every account is stored with it
}

export function changeData(data: AccountData, change: DataChange): AccountData {
  const { createdAt, data: given } = data
  const { username = data.username, email = data.email ?? null } = change
  const { mustChangePassword = data.mustChangePassword === true } = change
  return {
    ...{ username, createdAt },
    ...(given === undefined ? {} : { data: given }),
    ...(email === null ? {} : { email }),
    ...(mustChangePassword ? { mustChangePassword } : {}),
  }
}
