/** What tabs of one origin tell each other. */
type Tabs<Message> = {
  tell(message: Message): void
  /**
   * Runs `work` when nobody runs one of this name: in this tab, and where the browser has locks, which it has over HTTPS and on
   * localhost, in any. May give up waiting when the signal aborts.
   */
  alone<T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  close(): void
}

/** The parts of a browser that tabs need. Node has some of them, but a program is no browser with one cookie jar. */
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

/** The other tabs of this browser that use the same API. Elsewhere than in a browser there are none. */
export function openTabs<Message>(api: string, hear: (message: Message) => void): Tabs<Message> {
  const inBrowser = page.location !== undefined
  const locks = inBrowser ? page.navigator?.locks : undefined
  const channel = inBrowser ? new BroadcastChannel(`oneseat ${api}`) : null
  if (channel !== null) channel.onmessage = ({ data }) => hear(data as Message)
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

/** The origin that a relative address belongs to. */
export function ownOrigin(): string | undefined {
  return page.location?.origin
}

/** Whether somebody may be looking at this page. */
export function isVisible(): boolean {
  return page.document?.visibilityState !== 'hidden'
}

/** Calls when that changes; gives what ends it. */
export function onVisibility(listener: () => void): () => void {
  page.document?.addEventListener('visibilitychange', listener)
  return () => page.document?.removeEventListener('visibilitychange', listener)
}
