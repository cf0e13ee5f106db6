type Forgetting = {
  /** Removes some of what has run out, and gives how many. */
  forgetSome: () => Promise<number>
  /** As many as it removes at most: if it did, there may be more. */
  atMost: number
  onError: (error: unknown) => void
}

/** What goes on in the background: it can be waited for, and ended. */
export type InBackground = { settled(): Promise<void>; end(): Promise<void> }

/**
 * Removes what has run out, now and then once a day; a few at a time, because whoever wants to write meanwhile, here or in
 * another process, is not to wait for all of them. What fails is told, and tried again the next day.
 */
export function forgetDaily({ forgetSome, atMost, onError }: Forgetting): InBackground {
  let rest: NodeJS.Timeout | undefined
  let ended = false
  let forgetting = forget()
  const daily = setInterval(next, DAY).unref()

  return {
    settled: () => forgetting,
    async end() {
      ended = true
      clearInterval(daily)
      clearTimeout(rest)
      await forgetting
    },
  }

  function next(): void {
    forgetting = forgetting.then(forget)
  }

  async function forget(): Promise<void> {
    try {
      const count = await forgetSome()
      if (count >= atMost && !ended) rest = setTimeout(next, PAUSE).unref()
    } catch (error) {
      onError(error)
    }
  }
}

/** Milliseconds. */
const PAUSE = 20
const DAY = 24 * 60 * 60 * 1000
