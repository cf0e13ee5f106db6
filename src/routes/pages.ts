import type { TimelinePage } from '../../schemas/timeline.ts'
import { invalidRequest, type Refusal } from '../errors.ts'
import { EVENT_ID, type Timeline } from '../timeline/timeline.ts'
import { viewEvent } from './views.ts'

/** A page of a longer list: one more is fetched than is shown, to know whether there is a next one. */
export function pageOf<T>(fetched: readonly T[], limit: number, cursor: (last: T) => string) {
  const items = fetched.slice(0, limit)
  const last = items.at(-1)
  return { items, next: fetched.length > limit && last !== undefined ? cursor(last) : null }
}

/** A page of an account's timeline. */
export async function pageOfEvents(
  timeline: Timeline,
  userId: string,
  page: { limit: number; before: string | null },
): Promise<TimelinePage> {
  if (page.before !== null && !EVENT_ID.test(page.before)) throw invalidCursor()
  await timeline.flush() // who has just signed in expects to see it
  const fetched = await timeline.list(userId, { before: page.before, limit: page.limit + 1 })
  const { items, next } = pageOf(fetched, page.limit, (event) => event.id)
  return { events: items.map(viewEvent), next }
}

/** For an `after` that no page has given. */
export function invalidCursor(): Refusal {
  return invalidRequest([{ path: '/after', message: 'must be the `next` of an earlier page' }])
}
