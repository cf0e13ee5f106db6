import type { TimelinePage } from '../../schemas/timeline.ts'
import { invalidRequest, type Refusal } from '../errors.ts'
import { EVENT_ID, type Timeline } from '../timeline/timeline.ts'
import { viewEvent } from './views.ts'

/** Makes a page of a longer list. One entry more than `limit` was fetched, to know whether there is a next page. */
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
  await timeline.flush() // so that a login just now is on the page
  const fetched = await timeline.list(userId, { before: page.before, limit: page.limit + 1 })
  const { items, next } = pageOf(fetched, page.limit, (event) => event.id)
  return { events: items.map(viewEvent), next }
}

/** The refusal of an `after` that is not from an earlier page. */
export function invalidCursor(): Refusal {
  return invalidRequest([{ path: '/after', message: 'must be the `next` of an earlier page' }])
}
