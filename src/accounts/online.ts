import type { LiveSession } from '../sessions/record.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Accounts, OnlineCandidate, OnlineCursor } from './accounts.ts'

/** A page of live sessions: at least `limit`, unless there are no more. All sessions of a user are on the same page. */
export type OnlinePage = {
  users: { user: OnlineCandidate; sessions: readonly LiveSession[] }[]
  next: OnlineCursor | null
}

export type Online = (page: { limit: number; after: OnlineCursor | null }) => Promise<OnlinePage>

/**
 * Lists live sessions. SQL has the latest possible end of each user's sessions. The record of each user who may be signed in is
 * read, so that the list is exact.
 */
export function onlineUsers(
  accounts: Pick<Accounts, 'listOnline'>,
  sessions: Pick<Sessions, 'list'>,
  now: () => number,
): Online {
  return async ({ limit, after }) => {
    const users: OnlinePage['users'] = []
    let count = 0
    for (let cursor = after; ; ) {
      const candidates = await accounts.listOnline({ now: now(), after: cursor, limit })
      const lists = await Promise.all(candidates.map(({ handle }) => sessions.list(handle)))
      for (const [i, user] of candidates.entries()) {
        const live = lists[i] ?? []
        cursor = { liveUntil: user.liveUntil, id: user.id }
        if (live.length === 0) continue
        users.push({ user, sessions: live })
        count += live.length
        if (count >= limit) return { users, next: cursor }
      }
      if (candidates.length < limit) return { users, next: null }
    }
  }
}
