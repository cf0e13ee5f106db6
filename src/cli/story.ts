import type { Parts } from '../routes/parts.ts'
import { sentenceOf } from '../timeline/sentence.ts'
import type { KeptEvent } from '../timeline/timeline.ts'
import { accountNamed } from './change-user.ts'
import { showTime } from './time.ts'

/** The events of an account, oldest first, one sentence a line. Throws `GaveUp` if there is no such account. */
export async function* tellStory(
  { accounts, timeline }: Parts,
  name: string,
  pageSize = 200,
): AsyncGenerator<string> {
  const account = await accountNamed(accounts, name)
  const events: KeptEvent[] = []
  for (let before: string | null = null; ; ) {
    const page: KeptEvent[] = await timeline.list(account.id, { before, limit: pageSize })
    events.push(...page)
    before = page.at(-1)?.id ?? null
    if (page.length < pageSize) break
  }
  const roles = account.roles.length === 0 ? 'no roles' : account.roles.join(', ')
  yield `${account.username} (${roles})${account.disabled ? ', disabled' : ''}. Times are UTC.`
  for (const event of events.reverse()) yield tellEvent(event)
}

/** An event as a sentence, with its time. */
export function tellEvent(event: KeptEvent): string {
  return `${showTime(event.at, 'second')}  ${sentenceOf(event)}`
}
