import type { Notices } from '../notices/notices.ts'
import type { Changes, ClosedChange } from '../sessions/numbers.ts'
import type { EndedSession, LiveSession } from '../sessions/record.ts'

/** A session that has just ended, on any instance. */
export type EndedEvent = {
  userId: string
  sessionId: string
  /** Why it ended: the code of the 401 that its next request gets. */
  code: string
}

/**
 * Tells the listeners of all instances which sessions end. Such an event may get lost; requests of the session are refused all
 * the same. If a listener throws or rejects, only `onError` is called: the login that ended the session and the process go on.
 */
export function endedEvents(notices: Notices, changes: Changes, onError: (error: unknown) => void) {
  const listeners = new Set<(event: EndedEvent) => unknown>()
  notices.subscribeAll((text) => {
    try {
      for (const event of JSON.parse(text) as EndedEvent[])
        for (const listener of listeners) new Promise((done) => done(listener(event))).catch(onError)
    } catch (error) {
      onError(error) // a message in another form must not end this process
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

    /** `Changes` that also tells the listeners which sessions a change ended. */
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

    /** For a session that expired, which is not a change. */
    onExpired(userId: string, { id }: LiveSession, { reason }: EndedSession): void {
      tell(NOBODY, [{ userId, sessionId: id, code: reason }])
    },
  }
}

/** Stands for a handle that is not known here. Those who wait for the handle of the user get another notice. */
const NOBODY = '-'
