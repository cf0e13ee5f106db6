/**
 * Word that a user's sessions have changed, for those who wait for it. Whoever hears it looks at the record, so that a notice
 * that is lost, late or doubled can mislead nobody.
 */
export interface Notices {
  /** Tells every instance, with a text for those who listen to all. Never throws and never waits. */
  publish(handle: string, text?: string): void

  /** Calls `listener` for every notice about `handle` that arrives; the function it gives stops that. */
  subscribe(handle: string, listener: () => void): () => void

  /** Calls `listener` with the text of every notice that has one. */
  subscribeAll(listener: (text: string) => void): void

  close(): Promise<void>
}
