/**
 * Removes expired rows, now and then once a day; some at a time, so that other writers need not wait long. `forgetSome` removes
 * at most the given number, and gives how many it removed. A failure is reported, and the next try is a day later. Gives the
 * function that stops this.
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
