import type { Notices } from './notices.ts'

/** Notices within one process, for an engine that only this process uses. */
export function localNotices(): Notices {
  const byHandle = new Map<string, Set<() => void>>()
  const toAll: ((text: string) => void)[] = []
  return {
    publish(handle, text = '') {
      for (const listener of [...(byHandle.get(handle) ?? [])]) listener()
      if (text !== '') for (const listener of toAll) listener(text)
    },
    subscribe(handle, listener) {
      const listeners = byHandle.get(handle) ?? new Set()
      byHandle.set(handle, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && byHandle.get(handle) === listeners) byHandle.delete(handle)
      }
    },
    subscribeAll: (listener) => void toAll.push(listener),
    close: async () => {},
  }
}
