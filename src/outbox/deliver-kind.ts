import type { RandomBytes } from '../sessions/token.ts'
import type { Deliver, MessageKind } from './outbox.ts'
import { pauseAfter } from './pauses.ts'
import type { Queue, Taken } from './queue.ts'

/** The outcome of an attempt, or the counts of the outbox. */
export type Delivered =
  | { what: 'sent'; message: Taken }
  | { what: 'failed' | 'dead'; message: Taken; error: string; pause: number }
  | { what: 'counted'; kind: MessageKind; waiting: number; dead: number }
  | { what: 'unavailable'; kind: MessageKind; error: unknown }

type Options = {
  queue: Queue
  kind: MessageKind
  deliver: Deliver
  random: RandomBytes
  onDelivered: (what: Delivered) => void
}

/**
 * Delivers the messages of one kind: some at a time, so that a slow receiver is not overloaded, and those of each user one after
 * another. Kinds do not wait for each other. `stop` takes no further messages, and waits a moment for those under way.
 */
export function deliverKind({ queue, kind, deliver, random, onDelivered }: Options) {
  const underWay = new Set<Promise<void>>()
  const stopping = new AbortController()
  let looking: Promise<void> | null = null
  let stopped = false
  let countIn = 0
  const timer = setInterval(takeDue, TAKE_EVERY).unref()
  return { stop }

  function takeDue(): void {
    if (stopped) return
    looking ??= takeSome().finally(() => {
      looking = null
    })
  }

  async function takeSome(): Promise<void> {
    try {
      const free = AT_ONCE - underWay.size
      if (free > 0) for (const message of await queue.take(kind, free, LEASE)) begin(message)
      if (countIn-- <= 0) await count()
    } catch (error) {
      onDelivered({ what: 'unavailable', kind, error }) // the next run tries again
    }
  }

  async function count(): Promise<void> {
    countIn = COUNT_EVERY
    await queue.letFirstGo(kind)
    onDelivered({ what: 'counted', kind, ...(await queue.counts(kind)) })
  }

  function begin(message: Taken): void {
    const attempt = attemptOf(message)
      .catch((error) => onDelivered({ what: 'unavailable', kind, error })) // another attempt follows when the lease ends
      .finally(() => {
        underWay.delete(attempt)
        takeDue() // there is room for another message
      })
    underWay.add(attempt)
  }

  async function attemptOf(message: Taken): Promise<void> {
    try {
      await deliver(message, AbortSignal.any([stopping.signal, AbortSignal.timeout(PATIENCE)]))
    } catch (cause) {
      const error = reasonOf(cause)
      const pause = pauseAfter(message.attempt, random)
      const isDead = await queue.failed(message, error, pause)
      return onDelivered({ what: isDead ? 'dead' : 'failed', message, error, pause })
    }
    await queue.sent(message)
    onDelivered({ what: 'sent', message })
  }

  async function stop(): Promise<void> {
    stopped = true
    clearInterval(timer)
    const late = setTimeout(() => stopping.abort(new Error('the service stops')), GRACE)
    await looking
    while (underWay.size > 0) await Promise.all(underWay)
    clearTimeout(late)
  }
}

/** The reason as one line, with the cause of a failed connection. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  const text =
    cause instanceof Error && cause.message !== '' ? `${error.message}: ${cause.message}` : error.message
  return text.slice(0, REASON)
}

/** Milliseconds between two runs of `takeDue`, and how many runs are between two counts. */
const TAKE_EVERY = 500
const COUNT_EVERY = 20
const AT_ONCE = 8
/** Milliseconds: how long an attempt may take; how long a message is reserved; how long a stop waits. */
const PATIENCE = 10_000
const LEASE = 20_000
const GRACE = 2_000
/** How many characters of a reason are stored. */
const REASON = 300
