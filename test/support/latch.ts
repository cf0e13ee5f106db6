/** A door in a handler or a store: whoever comes by waits until the test opens it. */
export type Latch = {
  /** Resolves when the first one is waiting. */
  arrived: Promise<void>
  /** What the one who comes by awaits. */
  pass(): Promise<void>
  open(): void
}

/** A closed door. Once open it stays open. */
export function closedLatch(): Latch {
  const door = Promise.withResolvers<void>()
  const bell = Promise.withResolvers<void>()
  return {
    arrived: bell.promise,
    pass() {
      bell.resolve()
      return door.promise
    },
    open: door.resolve,
  }
}
