import type { UserData } from '../sessions/record.ts'

/** What the service keeps of a user with each session, as the core's `data`. What does not hold is not there. */
export type AccountData = {
  username: string
  createdAt: number
  email?: string
  mustChangePassword?: true
  /** What the operator's own backend gave with a sign-in. */
  data?: UserData | null
}

/** What changes; what is absent stays. */
type DataChange = {
  username?: string | undefined
  email?: string | null | undefined
  mustChangePassword?: boolean | undefined
}

/** The data as SQL has it. */
export function readData(text: string | null): AccountData {
  return JSON.parse(text ?? '{}') as AccountData // accounts are made with it
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
