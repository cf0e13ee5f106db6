/**
 * Word that a user's sessions have changed, for those who wait for it. It carries no news itself: whoever hears it looks
 * at the record, so a notice that is lost, late or doubled can mislead nobody.
 */
export interface Notices {
  /** Tells every instance. Never throws and never waits. */
  publish(handle: string): void

  /** Calls `listener` for every notice about `handle` that arrives; the function it gives stops that. */
  subscribe(handle: string, listener: () => void): () => void

  close(): Promise<void>
}
