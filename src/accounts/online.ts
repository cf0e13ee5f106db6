import type { LiveSession } from '../sessions/record.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Accounts, OnlineCandidate, OnlineCursor } from './accounts.ts'

/** A page of who is signed in: at least `limit` sessions, unless there are no more; a user's sessions stay together. */
export type OnlinePage = {
  users: { user: OnlineCandidate; sessions: readonly LiveSession[] }[]
  next: OnlineCursor | null
}

export type Online = (page: { limit: number; after: OnlineCursor | null }) => Promise<OnlinePage>

/**
 * Lists who is signed in. SQL knows until when anybody's sessions can live; each user whose sessions might still be live is
 * looked up, so that nobody is listed whose session has ended, and nobody is left out.
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
