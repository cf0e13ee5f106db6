import type { Readable } from 'node:stream'

/** The event streams that are open in this process. A user and a session may have a few; a newer one ends the oldest. */
type EventStreams = {
  /** Takes up a stream, and ends the oldest of the session or of the user if there are too many now. */
  add(stream: Readable, owner: { user: string; session: string }): void
  /** Whether something may still be sent: the stream has not ended, and its client is there. */
  isOpen(stream: Readable): boolean
  /** Sends a text. A client that does not read what it was sent before is cut off. */
  send(stream: Readable, text: string): void
  /** Sends a last text and ends the stream. */
  end(stream: Readable, text: string): void
  endAll(): void
}

/** `linger`: how long an end may stay unread, milliseconds. */
export function eventStreams(linger = LINGER): EventStreams {
  /** Of each user, oldest first, with the session of each. */
  const byUser = new Map<string, Map<Readable, string>>()
  const owners = new Map<Readable, string>()

  function add(stream: Readable, { user, session }: { user: string; session: string }): void {
    const theirs = byUser.get(user) ?? new Map<Readable, string>()
    const oldest = tooOld(theirs, session)
    if (oldest !== undefined) end(oldest, LATER)
    byUser.set(user, theirs.set(stream, session))
    owners.set(stream, user)
    stream.once('close', () => forget(stream))
  }

  /** The stream that has to end for another of this session. */
  function tooOld(theirs: ReadonlyMap<Readable, string>, session: string): Readable | undefined {
    const ofSession = [...theirs].filter(([, each]) => each === session)
    if (ofSession.length >= PER_SESSION) return ofSession[0]?.[0]
    return theirs.size >= PER_USER ? [...theirs.keys()][0] : undefined
  }

  function forget(stream: Readable): void {
    const user = owners.get(stream) ?? ''
    const theirs = byUser.get(user)
    owners.delete(stream)
    theirs?.delete(stream)
    if (theirs?.size === 0) byUser.delete(user)
  }

  function send(stream: Readable, text: string): void {
    if (stream.readableLength > UNREAD) stream.destroy()
    else stream.push(text)
  }

  function end(stream: Readable, text: string): void {
    forget(stream)
    if (text !== '') stream.push(text)
    stream.push(null)
    setTimeout(() => stream.destroy(), linger).unref() // a client that does not read would never see the end
  }

  return {
    add,
    isOpen: (stream) => owners.has(stream),
    send,
    end,
    endAll: () => {
      for (const stream of [...owners.keys()]) end(stream, '')
    },
  }
}

/** Streams of one session: tabs of a browser. */
const PER_SESSION = 8
const PER_USER = 32

/** What a client may leave unread, bytes. The system's own buffers hold more than this before anything is left here. */
const UNREAD = 4 * 1024

/** Has a browser wait before it comes back: it would end the stream of another tab. */
const LATER = 'retry: 60000\n\n'

/** Longer than any call to a store: a stream may end before it is sent. */
const LINGER = 10_000
