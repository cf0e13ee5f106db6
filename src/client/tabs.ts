/** How the tabs of one origin work together. */
type Tabs<Message> = {
  tell(message: Message): void
  /**
   * Runs `work` when no other work of this name runs in this tab, or in any tab if the browser has locks (over HTTPS and on
   * localhost). May stop waiting when the signal aborts.
   */
  alone<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  close(): void
}

/** The parts of a browser that tabs need. Node.js has some of them, but its programs do not share one cookie jar. */
type Page = {
  location?: { origin: string }
  navigator?: {
    locks?: {
      request<T>(name: string, options: { signal?: AbortSignal }, work: () => Promise<T>): Promise<T>
    }
  }
  document?: {
    visibilityState: string
    addEventListener(type: 'visibilitychange', listener: () => void): void
    removeEventListener(type: 'visibilitychange', listener: () => void): void
  }
}

const page = globalThis as Page

/** Connects to the other tabs of this browser with the same API. Outside of a browser there are none. */
export function openTabs<Message>(api: string, onMessage: (message: Message) => void): Tabs<Message> {
  const inBrowser = page.location !== undefined
  const locks = inBrowser ? page.navigator?.locks : undefined
  const channel = inBrowser ? new BroadcastChannel(`oneseat ${api}`) : null
  if (channel !== null) channel.onmessage = ({ data }) => onMessage(data as Message)
  const last = new Map<string, Promise<unknown>>()
  let isClosed = false
  return {
    tell(message) {
      if (!isClosed) channel?.postMessage(message) // a call may be under way when its page closes the client
    },
    alone(name, work, signal) {
      if (locks !== undefined)
        return locks.request(`oneseat ${name} ${api}`, signal === undefined ? {} : { signal }, work)
      const done = (last.get(name) ?? Promise.resolve()).then(work)
      last.set(
        name,
        done.catch(() => {}),
      )
      return done
    },
    close() {
      isClosed = true
      channel?.close()
    },
  }
}

/** The origin of the page, for a relative URL. */
export function ownOrigin(): string | undefined {
  return page.location?.origin
}

/** Whether this page is visible. */
export function isVisible(): boolean {
  return page.document?.visibilityState !== 'hidden'
}

/** Calls the listener when that changes; returns a function that stops this. */
export function onVisibility(listener: () => void): () => void {
  page.document?.addEventListener('visibilitychange', listener)
  return () => page.document?.removeEventListener('visibilitychange', listener)
}
