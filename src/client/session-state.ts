import type { SignedIn } from '../../schemas/session.ts'
import type { SignedOut } from './signed-out.ts'

/** The session will end at `at`: with `session_idle` unless it is used, with `session_expired` in any case. */
export type Ending = { readonly code: 'session_idle' | 'session_expired'; readonly at: string }

/** Whether this browser is signed in, as the client knows it. */
export type SessionState =
  | { readonly status: 'loading' }
  | ({ readonly status: 'signed-in'; readonly ending: Ending | null } & Readonly<SignedIn>)
  | { readonly status: 'signed-out'; readonly reason: SignedOut | null }

/** Keeps the state. Calls watchers at each change, and listeners once when a session ends. */
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

    /** Signed out, but not by this page. Calls the listeners, unless they know it already. */
    end(reason: SignedOut): void {
      if (state.status === 'signed-out') return
      const isNews = state.status === 'signed-in' || reason.code !== 'unauthenticated'
      change({ status: 'signed-out', reason: isNews ? reason : null })
      if (isNews) for (const listener of listeners) queueMicrotask(() => listener(reason))
    },

    /** Signed out by this page. Listeners are not called. */
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
