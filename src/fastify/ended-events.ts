import type { Notices } from '../notices/notices.ts'
import type { Changes, ClosedChange } from '../sessions/numbers.ts'
import type { EndedSession, LiveSession } from '../sessions/record.ts'

/** A session that has just ended, on whichever instance. */
export type EndedEvent = {
  userId: string
  sessionId: string
  /** Why: the code that its next request is told. */
  code: string
}

/**
 * Tells the listeners of all instances which sessions end. It is a hint: a request is refused whether it arrives or not. `onError`
 * hears of a listener that throws or rejects, which concerns nobody else: neither the login that ended a session nor the process.
 */
export function endedEvents(notices: Notices, changes: Changes, onError: (error: unknown) => void) {
  const listeners = new Set<(event: EndedEvent) => unknown>()
  notices.subscribeAll((text) => {
    try {
      for (const event of JSON.parse(text) as EndedEvent[])
        for (const listener of listeners) new Promise((done) => done(listener(event))).catch(onError)
    } catch (error) {
      onError(error) // whoever may publish there is not to end this process by something else
    }
  })

  function tell(handle: string, events: readonly EndedEvent[]): void {
    if (events.length > 0) notices.publish(handle, JSON.stringify(events))
  }

  return {
    listen(listener: (event: EndedEvent) => unknown): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    /** Changes, of which it is told what they end. */
    changes: {
      ...changes,
      async close(done: readonly ClosedChange[]): Promise<void> {
        await changes.close(done)
        for (const { handle, userId, did } of done) {
          tell(
            handle,
            (did?.ended ?? []).map(({ id, reason }) => ({ userId, sessionId: id, code: reason })),
          )
        }
      },
    } satisfies Changes,

    /** For sessions that end without a change. */
    onExpired(userId: string, { id }: LiveSession, { reason }: EndedSession): void {
      tell(NOBODY, [{ userId, sessionId: id, code: reason }])
    },
  }
}

/** In place of a handle, where none is known: whoever waits for that of the user is told by another notice. */
const NOBODY = '-'
