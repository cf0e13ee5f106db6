/** Who waits for word about which user, in this process. */
export class Listeners {
  readonly #byHandle = new Map<string, Set<() => void>>()
  readonly #all: ((text: string) => void)[] = []

  add(handle: string, listener: () => void): () => void {
    const listeners = this.#byHandle.get(handle) ?? new Set()
    listeners.add(listener)
    this.#byHandle.set(handle, listeners)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#byHandle.get(handle) === listeners) this.#byHandle.delete(handle)
    }
  }

  addToAll(listener: (text: string) => void): void {
    this.#all.push(listener)
  }

  call(handle: string, text = ''): void {
    for (const listener of [...(this.#byHandle.get(handle) ?? [])]) listener()
    if (text !== '') for (const listener of this.#all) listener(text)
  }
}
