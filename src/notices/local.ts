import { Listeners } from './listeners.ts'
import type { Notices } from './notices.ts'

/** Notices within one process: enough for an engine that only this process uses. */
export function localNotices(): Notices {
  const listeners = new Listeners()
  return {
    publish: (handle, text) => listeners.call(handle, text),
    subscribe: (handle, listener) => listeners.add(handle, listener),
    subscribeAll: (listener) => listeners.addToAll(listener),
    close: async () => {},
  }
}
