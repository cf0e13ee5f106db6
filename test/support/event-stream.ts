import type { Browser } from './browser.ts'

/** An open stream: what it said so far, and what it will say. */
export type OpenStream = {
  text(): string
  /** Reads until it has said this. */
  until(what: RegExp): Promise<RegExpExecArray>
  /** All that it said, once it has ended. */
  rest(): Promise<string>
}

/** Opens the stream and waits until it speaks. */
export async function openStream(browser: Browser): Promise<OpenStream> {
  const response = await fetch(`${browser.url}/me/events`, { headers: { cookie: browser.cookie } })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined || response.status !== 200) throw new Error(`no stream: ${response.status}`)
  let text = (await reader.read()).value ?? ''
  return {
    text: () => text,
    async until(what) {
      for (;;) {
        const found = what.exec(text)
        if (found !== null) return found
        const { value, done } = await reader.read()
        if (done) throw new Error(`it ended without ${what}: ${text}`)
        text += value
      }
    },
    async rest() {
      for (;;) {
        const { value, done } = await reader.read()
        if (done) return text
        text += value
      }
    },
  }
}
