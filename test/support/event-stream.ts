import type { Browser } from './browser.ts'

/** Opens the stream and waits until it speaks; `rest` resolves with all it said, once it has ended. */
export async function openStream(browser: Browser): Promise<{ rest: () => Promise<string> }> {
  const response = await fetch(`${browser.url}/me/events`, { headers: { cookie: browser.cookie } })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (reader === undefined || response.status !== 200) throw new Error(`no stream: ${response.status}`)
  let text = (await reader.read()).value ?? ''
  return {
    async rest() {
      for (;;) {
        const { value, done } = await reader.read()
        if (done) return text
        text += value
      }
    },
  }
}
