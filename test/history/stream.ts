import type { Agent, IncomingMessage } from 'node:http'
import { type Answer, open, type Request } from './client.ts'
import type { Outcome } from './history.ts'

/** A stream of `/me/events` that was asked for. `head` is the answer without its body, or the whole of a refusal. */
export type Stream = {
  head: Answer
  /**
   * Waits until it ends, or closes it when that is `enough`. `denied`: it said that the session has ended, and with
   * which refusal; `ok`: we closed it; `info`: it broke, or the instance ended it without a word.
   */
  listen(enough: () => boolean): Promise<{ said: Outcome; answer: Answer }>
}

export async function openStream(
  url: string,
  agent: Agent | undefined,
  asked: Request,
): Promise<Stream> {
  const response = await open(url, agent, asked)
  if (!('headers' in response)) {
    return { head: { code: 0, cookies: [], body: null, unsent: response.unsent }, listen: nothing }
  }
  const code = response.statusCode ?? 0
  if (code !== 200) return { head: await readRefusal(response, code), listen: nothing }
  return { head: { ...NO_ANSWER, code }, listen: (enough) => listen(response, enough) }
}

async function listen(response: IncomingMessage, enough: () => boolean) {
  let closed = false
  let text = ''
  response.setTimeout(0)
  const timer = setInterval(() => {
    if (!enough()) return
    closed = true
    response.destroy()
  }, 50)
  try {
    for await (const chunk of response) text += chunk
  } catch {
    // it broke, or we closed it
  }
  clearInterval(timer)
  const data = /^event: session\.ended\ndata: (.*)$/m.exec(text)?.[1]
  if (data === undefined) return { said: closed ? 'ok' : 'info', answer: NO_ANSWER } as const
  return { said: 'denied', answer: { ...NO_ANSWER, code: 401, body: JSON.parse(data) } } as const
}

async function readRefusal(response: IncomingMessage, code: number): Promise<Answer> {
  let text = ''
  try {
    for await (const chunk of response) text += chunk
    return { ...NO_ANSWER, code, body: JSON.parse(text) }
  } catch {
    return NO_ANSWER
  }
}

async function nothing(): Promise<never> {
  throw new Error('there is no stream')
}

const NO_ANSWER: Answer = { code: 0, cookies: [], body: null, unsent: false }
