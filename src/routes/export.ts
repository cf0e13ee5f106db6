import type { Export } from '../../schemas/account.ts'
import type { Account } from '../accounts/accounts.ts'
import { isoTime } from '../fastify/iso-time.ts'
import { viewSession } from '../fastify/session-view.ts'
import type { KeptEvent, Timeline } from '../timeline/timeline.ts'
import type { Parts } from './parts.ts'
import { viewAdminUser, viewEvent } from './views.ts'

/** Everything that is stored about a user, as one document. `currentId` is the session of the request. */
export async function exportOf(
  { accounts, sessions, timeline }: Parts,
  account: Account,
  now: number,
  currentId: string | null = null,
): Promise<Export> {
  await timeline.flush()
  const [live, tokens, events] = await Promise.all([
    sessions.list(account.handle),
    accounts.listTokens(account.id),
    allEvents(timeline, account.id),
  ])
  return {
    exportedAt: isoTime(now),
    user: viewAdminUser(account),
    sessions: live.map((session) => ({ ...viewSession(session, currentId), ip: session.ip })),
    links: tokens.map(({ purpose, data: { email }, expiresAt }) => ({
      purpose,
      ...(email === undefined ? {} : { email }),
      expiresAt: isoTime(expiresAt),
    })),
    events: events.map(viewEvent),
  }
}

async function allEvents(timeline: Timeline, userId: string): Promise<KeptEvent[]> {
  const events: KeptEvent[] = []
  for (let before: string | null = null; events.length < EVENTS; ) {
    const page: KeptEvent[] = await timeline.list(userId, { before, limit: PAGE })
    events.push(...page)
    before = page.at(-1)?.id ?? null
    if (page.length < PAGE) break
  }
  return events
}

const PAGE = 500
/** More events than an account has that is not under attack. */
const EVENTS = 10_000
