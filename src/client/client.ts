import type { PasswordReset } from '../../schemas/account.ts'
import type {
  Credentials,
  LoggedIn,
  PasswordChange,
  Session,
  SessionList,
  SignedIn,
} from '../../schemas/session.ts'
import type { TimelinePage } from '../../schemas/timeline.ts'
import type { Registered, Registration } from '../../schemas/user.ts'
import { ApiError, type ProblemBody } from './api-error.ts'
import { followStream } from './event-stream.ts'
import { requestsTo, type Send, WITH_COOKIE } from './request.ts'
import { CLOCK, type Clock, pauseBefore } from './retry.ts'
import { type Ending, sessionState } from './session-state.ts'
import { type SignedOut, signedOutBy } from './signed-out.ts'
import { isVisible, onVisibility, openTabs, ownOrigin } from './tabs.ts'

export { ApiError, type ApiErrorCode, type SignedOutCode } from './api-error.ts'
export type { Ending, SessionState } from './session-state.ts'
export type { SignedOut } from './signed-out.ts'
export type { Credentials, LoggedIn, PasswordChange, Session, SessionList, SignedIn, TimelinePage }

export type ClientOptions = {
  /** Where the API is: `https://auth.example`, or `/auth` on the page's own origin. */
  baseUrl: string
  /** Replaces the global `fetch`, for instance to add a header such as the token of an app without cookies. */
  fetch?: Send
  /** Whether to try again after 503 and 429, as `Retry-After` says. The default is true. */
  retry?: boolean
  /** Clock and random numbers, for tests. */
  clock?: Clock
}

export type Client = ReturnType<typeof createClient>

/** What one tab tells the others. */
type Message =
  | { kind: 'signed-in' }
  | { kind: 'ended'; problem: ProblemBody }
  | { kind: 'ending'; ending: Ending | null }

/**
 * Makes a client of the API for one device: a page or a program. Each call gives the body of its answer, and throws `ApiError`.
 */
export function createClient(options: ClientOptions) {
  const { baseUrl, retry = true, clock = CLOCK } = options
  const send: Send = options.fetch ?? ((url, init) => fetch(url, init))
  const base = new URL(baseUrl, ownOrigin()).href.replace(/\/$/, '')
  const request = requestsTo(base, send, retry, clock)
  const state = sessionState()
  const tabs = openTabs<Message>(base, onMessage)
  const stopWatching = onVisibility(updateStream)
  /** Stops the event stream, while this tab has it or waits for it. */
  let stream: AbortController | null = null
  let closed = false
  /** Counts logins and logouts. An answer from before one of them is out of date. */
  let changes = 0
  /** Counts streams that ended soon, one after another, although somebody is signed in: the API contradicts itself. */
  let brief = 0

  return {
    register: (registration: Registration) => request<Registered>('POST', '/register', registration),

    /** Signs in on this device. */
    login: (credentials: Credentials) =>
      tabs.alone(COOKIE, async () => {
        const answer = await request<LoggedIn>('POST', '/login', credentials)
        changes++
        state.signIn(answer)
        tabs.tell({ kind: 'signed-in' })
        updateStream()
        return answer
      }),

    /** Signs out. `onSignedOut` listeners are called in the other tabs only, with `logged_out`. */
    logout: () =>
      tabs.alone(COOKIE, async () => {
        await request('POST', '/logout')
        changes++
        state.leave()
        tabs.tell({ kind: 'ended', problem: LOGGED_OUT })
        updateStream()
      }),

    me,

    sessions: () => call<SessionList>('GET', '/me/sessions'),

    /** Ends one of my sessions. */
    revoke: (sessionId: string) => call<void>('DELETE', `/me/sessions/${encodeURIComponent(sessionId)}`),

    async changePassword(change: PasswordChange): Promise<void> {
      await guarded(() => tabs.alone(COOKIE, () => request('PUT', '/me/password', change)))
      await ask()
      tabs.tell({ kind: 'signed-in' })
    },

    /** Sends a link to somebody who has forgotten their password. The answer does not tell whether an account has the name. */
    forgotPassword: (username: string) => request<void>('POST', '/password/forgot', { username }),

    /** Sets another password with the token of such a link. It signs nobody in. */
    resetPassword: (reset: PasswordReset) => request<void>('POST', '/password/reset', reset),

    timeline: (page: { limit?: number; after?: string } = {}) =>
      call<TimelinePage>('GET', `/me/timeline?${new URLSearchParams(page as Record<string, string>)}`),

    /** Moves the idle deadline, for when the state says that the session is ending. */
    touch: () => call<void>('POST', '/me/touch'),

    /** "That was not me": ends the session that replaced this one. Call it before a new sign-in in this browser. */
    dispute: () => request<void>('POST', '/sessions/dispute'),

    /** Calls `listener` once in every tab when the session has ended, with the reason. Returns a function that stops this. */
    onSignedOut(listener: (reason: SignedOut) => void): () => void {
      return watched(state.listen(listener))
    },

    /** Calls `watcher` when `state()` has changed. Returns a function that stops this. */
    subscribe(watcher: () => void): () => void {
      const unsubscribe = watched(state.watch(watcher))
      if (state.get().status === 'loading') me().catch(() => {}) // the stream asks again later
      return unsubscribe
    },

    state: state.get,

    /** Closes the stream of this tab. Other tabs go on. */
    close(): void {
      closed = true
      updateStream()
      stopWatching()
      tabs.close()
    },
  }

  async function me(): Promise<SignedIn> {
    const before = changes
    const answer = await call<SignedIn>('GET', '/me')
    if (before === changes) state.signIn(answer)
    updateStream()
    return answer
  }

  function call<T>(method: string, path: string, body?: object): Promise<T> {
    return guarded(() => request<T>(method, path, body))
  }

  /** Makes a call with the session. It counts as a use, and may find that the session has ended. */
  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      const answer = await work()
      const known = state.get()
      if (known.status === 'signed-in' && known.ending?.code === 'session_idle') announce(null)
      return answer
    } catch (error) {
      await ended(bodyOf(error))
      throw error
    }
  }

  /**
   * Reports in all tabs that the session has ended, unless this browser has a newer one. First it asks the API who is signed in,
   * at a time when no tab is signing in or out: during a login the stream hears of the replaced session before the browser has
   * the new cookie. If the newer session has ended too, its reason is reported.
   */
  async function ended(problem: ProblemBody, isFound = true): Promise<void> {
    let reason = signedOutBy(problem)
    if (reason === null) return
    if (state.get().status === 'signed-in') {
      // Of many calls that are refused at once the first asks.
      const isOpen = () => state.get().status === 'signed-in'
      const latest = await tabs.alone(COOKIE, async () => (isOpen() ? ask() : problem))
      if (latest === null) return
      if (latest.code !== 'unauthenticated') reason = signedOutBy(latest) ?? reason
    }
    if (state.get().status === 'signed-out') return
    state.end(reason)
    if (isFound) tabs.tell({ kind: 'ended', problem })
    updateStream()
  }

  /** Asks the API once who is signed in. Null if somebody is; otherwise the body of the refusal or failure. */
  async function ask(): Promise<ProblemBody | null> {
    const before = changes
    try {
      const answer = await request<SignedIn>('GET', '/me', undefined, false)
      if (before === changes) state.signIn(answer)
    } catch (error) {
      return bodyOf(error)
    }
    updateStream()
    return null
  }

  function announce(ending: Ending | null): void {
    state.announce(ending)
    tabs.tell({ kind: 'ending', ending })
  }

  /** Handles the message of another tab. */
  function onMessage(message: Message): void {
    if (message.kind === 'ending') state.announce(message.ending)
    else if (message.kind === 'signed-in') void ask()
    else void ended(message.problem, false)
  }

  function watched(unsubscribe: () => void): () => void {
    updateStream()
    return () => {
      unsubscribe()
      updateStream()
    }
  }

  /** Opens or closes the stream. It is open while there are listeners, the page is visible, and somebody may be signed in. */
  function updateStream(): void {
    const wanted = !closed && state.isWatched() && isVisible() && state.get().status !== 'signed-out'
    if (wanted === (stream !== null)) return
    stream?.abort()
    stream = wanted ? new AbortController() : null
    if (stream !== null) void follow(stream)
  }

  /** Only one tab has the stream. The others wait for it, and get its messages. */
  async function follow(own: AbortController): Promise<void> {
    let verdict: Promise<void> | undefined
    const since = clock.now()
    const listener = {
      opened() {
        // The first question had no answer, so ask again.
        if (state.get().status === 'loading')
          void ask().then((refusal) => refusal ?? tabs.tell({ kind: 'signed-in' }))
      },
      ending: announce,
      ended(problem: ProblemBody) {
        verdict = ended(problem)
      },
    }
    const open = (signal: AbortSignal) =>
      send(`${base}/me/events`, { ...WITH_COOKIE, signal, headers: { accept: 'text/event-stream' } })
    const work = () => followStream(open, listener, clock, own.signal)
    await tabs.alone('stream', work, own.signal).catch(() => {}) // it was ended while another tab had the stream
    await verdict
    if (stream !== own) return
    stream = null
    if (verdict === undefined || state.get().status === 'signed-out') return
    // The session of the stream has ended, and the browser has another one by now.
    if (clock.now() - since > BRIEF) brief = 0
    await clock.sleep(pauseBefore(brief++, null, clock))
    updateStream()
  }
}

/** The name of a lock: only one tab at a time may change the shared cookie, or ask because it may have changed. */
const COOKIE = 'cookie'
/** Milliseconds. */
const BRIEF = 60_000
const LOGGED_OUT: ProblemBody = { code: 'logged_out', status: 401, title: '', detail: '' }

/** The body of an error for other tabs. Any error but a refusal is a bug. */
function bodyOf(error: unknown): ProblemBody {
  if (!(error instanceof ApiError)) throw error
  return { ...error, detail: error.message }
}
