import type { Readable } from 'node:stream'

/**
 * The event streams that are open in this process. Each session and each user may have a few; a newer stream ends the oldest.
 */
type EventStreams = {
  /** Adds a stream, and ends the oldest of the session or of the user if there are too many. */
  add(stream: Readable, owner: { user: string; session: string }): void
  /** Whether the stream is open and its client is connected. */
  isOpen(stream: Readable): boolean
  /** Sends a text. Closes the connection of a client that does not read. */
  send(stream: Readable, text: string): void
  /** Sends a last text and ends the stream. */
  end(stream: Readable, text: string): void
  endAll(): void
}

/** `linger`: how long a client may take to read the end, milliseconds. */
export function eventStreams(linger = LINGER): EventStreams {
  /** The streams of each user, oldest first, each with its session. */
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

  /** The stream that has to end before one of this session is added. */
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

/** How many bytes a client may leave unread, beyond what the buffers of the system hold. */
const UNREAD = 4 * 1024

/** Makes a browser wait before it connects again, which would end the stream of another tab. */
const LATER = 'retry: 60000\n\n'

/** Longer than any call to a store, because a stream may end before it is sent. */
const LINGER = 10_000
