import type { Redis } from 'ioredis'
import { stayConnected } from '../stay-connected.ts'

/** What Redis tells of the keys that were read through `reader`. */
export type Tracking = {
  /** Redis remembers what is read on this connection, and tells when it changes. */
  reader: Redis
  /**
   * The moment, on the monotonic clock, up to which every change of what was read has been told for sure; null while nobody
   * knows, and then nothing that was read before may be believed any more.
   */
  toldUntil(): number | null
  close(): void
}

/** Who is told of what, and by which clock. */
export type TrackingOptions = {
  /** A read through `reader` that fails where a read must not be believed. */
  probe: () => Promise<unknown>
  /** This key changed; or any may have (null). */
  onChange: (key: string | null) => void
  /** Redis does not do its part, for this reason; we go on asking. */
  onFailure: (error: unknown) => void
  /** Milliseconds. */
  monotonic: () => number
}

/**
 * Server-assisted client-side caching: one connection reads, and Redis says on another which keys of those have changed since,
 * been evicted or flushed. That nothing was missed is not assumed but shown, again and again: what was changed before a
 * ping was sent has been told by the time its answer is in, because both come down the same connection in order.
 */
export function trackChanges(redis: Redis, options: TrackingOptions): Tracking {
  const { probe, onChange, onFailure, monotonic } = options
  const reader = redis.duplicate()
  const listener = redis.duplicate({ protocol: 2, autoResubscribe: false, enableOfflineQueue: false })
  let listening: Party | null = null
  let reading: Party | null = null
  /** The two connections as they are joined now; another after every break. */
  let union: object | null = null
  let toldUntil: number | null = null

  listener.on('message', (_channel, keys: string) => {
    for (const key of keys === '' ? [null] : keys.split(',')) onChange(key)
  })
  for (const connection of [reader, listener]) {
    connection.on('error', () => {}) // the main connection reports what is wrong with Redis
    connection.on('close', part)
    connection.on('ready', () => void greet(connection))
  }
  const disconnects = [stayConnected(reader), stayConnected(listener)]
  const timer = setInterval(() => void beat(), BEAT).unref()

  return {
    reader,
    toldUntil: () => toldUntil,
    close() {
      clearInterval(timer)
      for (const disconnect of disconnects) disconnect()
    },
  }

  /** Learns who is at the other end, which may be another server than before. */
  async function greet(connection: Redis): Promise<void> {
    try {
      const [id, info] = await Promise.all([connection.client('ID'), connection.info('server')])
      const party = { id, server: /run_id:(\w+)/.exec(info)?.[1] ?? '' }
      if (connection === reader) reading = party
      else {
        await listener.subscribe('__redis__:invalidate')
        listening = party
      }
      await join()
    } catch (error) {
      if (connection.status !== 'ready') return // it broke, and will be back
      onFailure(error)
      const anew = () => union === null && connection.status === 'ready' && connection.disconnect(true)
      setTimeout(anew, AGAIN).unref()
    }
  }

  async function join(): Promise<void> {
    const [from, to] = [reading, listening]
    if (from === null || to === null) return
    if (from.server !== to.server) throw new Error('a failover has parted the two connections')
    await reader.client('TRACKING', 'ON', 'REDIRECT', to.id)
    if (from !== reading || to !== listening) return // one of them broke meanwhile, and greets again
    union = {}
    onChange(null)
  }

  function part(this: Redis): void {
    if (this === reader) reading = null
    else listening = null
    union = null
    toldUntil = null
    onChange(null)
  }

  async function beat(): Promise<void> {
    const [joined, sentAt] = [union, monotonic()]
    if (joined === null) return
    try {
      await Promise.all([listener.ping(), probe()])
      if (joined === union) toldUntil = Math.max(toldUntil ?? 0, sentAt)
    } catch {
      // Not shown, then: what was shown last grows old by itself.
    }
  }
}

type Party = { id: number; server: string }

/** Milliseconds: between two proofs, and until a connection that was refused is made anew. */
const BEAT = 20
const AGAIN = 1_000
