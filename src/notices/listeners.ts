/** Who waits for word about which user, in this process. */
export class Listeners {
  readonly #byHandle = new Map<string, Set<() => void>>()

  add(handle: string, listener: () => void): () => void {
    const listeners = this.#byHandle.get(handle) ?? new Set()
    listeners.add(listener)
    this.#byHandle.set(handle, listeners)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#byHandle.get(handle) === listeners) this.#byHandle.delete(handle)
    }
  }

  call(handle: string): void {
    for (const listener of [...(this.#byHandle.get(handle) ?? [])]) listener()
  }
}
