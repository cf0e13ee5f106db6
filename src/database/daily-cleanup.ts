/**
 * Removes what has run out, now and then once a day; a few at a time, because whoever wants to write meanwhile, here or in
 * another process, is not to wait for all of them. `forgetSome` removes at most so many, and gives how many it did. What fails
 * is told, and tried again the next day. Gives the function that ends it.
 */
export function forgetDaily(
  forgetSome: (limit: number) => Promise<number>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let rest: NodeJS.Timeout | undefined
  let ended = false
  let forgetting = forget()
  const daily = setInterval(next, DAY).unref()

  return async function end() {
    ended = true
    clearInterval(daily)
    clearTimeout(rest)
    await forgetting
  }

  function next(): void {
    forgetting = forgetting.then(forget)
  }

  async function forget(): Promise<void> {
    try {
      const count = await forgetSome(AT_ONCE)
      if (count >= AT_ONCE && !ended) rest = setTimeout(next, PAUSE).unref()
    } catch (error) {
      onError(error)
    }
  }
}

/** Rows in one statement. */
const AT_ONCE = 1_000
/** Milliseconds. */
const PAUSE = 20
const DAY = 24 * 60 * 60 * 1000
