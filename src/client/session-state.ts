import type { SignedIn } from '../../schemas/session.ts'
import type { SignedOut } from './signed-out.ts'

/** That the session ends at `at`: `session_idle` unless its user does something, `session_expired` in any case. */
export type Ending = { readonly code: 'session_idle' | 'session_expired'; readonly at: string }

/** Whether this browser is signed in, as far as the client knows. */
export type SessionState =
  | { readonly status: 'loading' }
  | ({ readonly status: 'signed-in'; readonly ending: Ending | null } & Readonly<SignedIn>)
  | { readonly status: 'signed-out'; readonly reason: SignedOut | null }

/** Keeps the state and tells of its changes: of each to watchers, of the end of a session to listeners, once. */
export function sessionState() {
  let state: SessionState = { status: 'loading' }
  const watchers = new Set<() => void>()
  const listeners = new Set<(reason: SignedOut) => void>()

  return {
    get: () => state,
    isWatched: () => watchers.size + listeners.size > 0,
    watch: (watcher: () => void) => add(watchers, watcher),
    listen: (listener: (reason: SignedOut) => void) => add(listeners, listener),

    signIn(signedIn: SignedIn): void {
      const { user, session } = signedIn
      change({ status: 'signed-in', ending: null, user, session })
    },

    announce(ending: Ending | null): void {
      if (state.status === 'signed-in') change({ ...state, ending })
    },

    /** Signed out, and not by this page: listeners are told, unless they are told nothing new. */
    end(reason: SignedOut): void {
      if (state.status === 'signed-out') return
      const isNews = state.status === 'signed-in' || reason.code !== 'unauthenticated'
      change({ status: 'signed-out', reason: isNews ? reason : null })
      if (isNews) for (const listener of listeners) queueMicrotask(() => listener(reason))
    },

    /** Signed out by this page, which therefore knows. */
    leave(): void {
      change({ status: 'signed-out', reason: null })
    },
  }

  function change(next: SessionState): void {
    state = next
    for (const watcher of watchers) watcher()
  }
}

function add<T>(set: Set<T>, each: T): () => void {
  set.add(each)
  return () => void set.delete(each)
}
