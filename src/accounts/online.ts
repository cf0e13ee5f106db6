import type { LiveSession } from '../sessions/record.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Account, Accounts, RecentCursor } from './accounts.ts'

/** A page of who is signed in: at least `limit` sessions, unless there are no more; a user's sessions stay together. */
export type OnlinePage = {
  users: { account: Account; sessions: readonly LiveSession[] }[]
  next: RecentCursor | null
}

export type Online = (page: { limit: number; after: RecentCursor | null }) => Promise<OnlinePage>

/**
 * Lists who is signed in. SQL knows who signed in within `absoluteTimeout` (milliseconds) and so might still be; each of
 * them is then looked up, so that nobody is listed whose session has ended, and nobody left out.
 */
export function onlineUsers(
  accounts: Accounts,
  sessions: Sessions,
  absoluteTimeout: number,
  now: () => number,
): Online {
  return async ({ limit, after }) => {
    const users: OnlinePage['users'] = []
    const since = now() - absoluteTimeout
    let count = 0
    for (let cursor = after; ; ) {
      const candidates = await accounts.listRecent({ since, after: cursor, limit })
      const lists = await Promise.all(candidates.map((account) => sessions.list(account.handle)))
      for (const [i, account] of candidates.entries()) {
        const live = lists[i] ?? []
        cursor = { lastLoginAt: account.lastLoginAt ?? 0, id: account.id }
        if (live.length === 0) continue
        users.push({ account, sessions: live })
        count += live.length
        if (count >= limit) return { users, next: cursor }
      }
      if (candidates.length < limit) return { users, next: null }
    }
  }
}
