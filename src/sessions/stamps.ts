import type { Histories } from './numbers.ts'
import type { SessionStore, StoredValue } from './store.ts'

/** The stamps of the store's histories that this instance knows. */
type Stamps = {
  /** The stamp of the history that this value was read under; null if SQL has to be asked first. */
  known(stored: StoredValue): string | null
  /** The same, but asks SQL. Takes the history into use if it is not; throws `store_unavailable` if SQL does not answer. */
  ask(stored: StoredValue): Promise<string>
  /** Asks SQL again before the next answer. */
  forget(): void
}

/**
 * Follows which histories of the store are in use. Each time a history comes into use it has another stamp, and records with
 * another stamp than their history has now are confirmed against SQL. So a server that comes back after a failover with the
 * history it had before is not trusted, and this instance learns of it within `LIMIT` milliseconds, even if its own connection
 * did not break. While SQL cannot be reached, the last known stamps stay valid: nobody can sign in then, so no session can be
 * replaced.
 */
export function followStamps(
  { histories: kind }: Pick<SessionStore, 'histories'>,
  { histories, monotonic }: { histories: Histories; monotonic: () => number },
): Stamps {
  let stamps = new Map<string, string>()
  let askedAt = Number.NEGATIVE_INFINITY
  let isAway = false
  let asking: Promise<void> | null = null
  /**
   * The histories that are being taken into use. After a failover every request finds the new one, and SQL is asked only once.
   */
  let opening = new Map<string, Promise<string>>()

  function known({ history }: StoredValue): string | null {
    if (kind === 'none') return ''
    const age = monotonic() - askedAt
    if (age > FRESH) refresh().catch(() => {}) // `isAway` reports it
    return age > LIMIT && !isAway ? null : (stamps.get(history) ?? null)
  }

  async function ask(stored: StoredValue): Promise<string> {
    const { history, parent } = stored
    if (monotonic() - askedAt > FRESH) await refresh().catch(() => {})
    const stamp = known(stored)
    if (stamp !== null) return stamp
    const opened = opening.get(history) ?? open(history, parent).finally(() => opening.delete(history))
    opening.set(history, opened)
    return opened
  }

  async function open(history: string, parent: string): Promise<string> {
    const opened = await histories.open(history, parent, kind === 'several')
    await refresh(true)
    return stamps.get(history) ?? opened
  }

  /** Asks SQL, once for all callers that wait. */
  function refresh(anew = false): Promise<void> {
    if (anew) asking = null
    asking ??= read().finally(() => {
      asking = null
    })
    return asking
  }

  function forget(): void {
    askedAt = Number.NEGATIVE_INFINITY
    isAway = false
    asking = null
    opening = new Map()
  }

  async function read(): Promise<void> {
    const sentAt = monotonic()
    try {
      const list = await histories.list()
      stamps = new Map(list.map(({ history, stamp }) => [history, stamp]))
      isAway = false
    } catch (error) {
      isAway = true
      throw error
    } finally {
      askedAt = sentAt
    }
  }

  return { known, ask, forget }
}

/** Milliseconds after which stamps are asked for again, while they stay valid. */
const FRESH = 500
/** Milliseconds after which stamps are not valid any more. */
const LIMIT = 1_500
