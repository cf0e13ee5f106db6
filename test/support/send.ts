import { type Agent, request } from 'node:http'
import type { Socket } from 'node:net'

export type Asked = { method: string; headers: Record<string, string>; body: string | null }

/** What came back, and over which connection. */
export type Told = { status: number; headers: Headers; text: string; socket: Socket }

/** One request over a connection of `agent`. `fetch` would take three times the processor time. */
export function send(agent: Agent, url: string, { method, headers, body }: Asked): Promise<Told> {
  return new Promise((done, fail) => {
    // Node.js itself does not say how long the body of a DELETE is.
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const asked = request(url, { agent, method, headers: { ...length, ...headers } }, (answer) => {
      const told = new Headers()
      for (const [name, values = []] of Object.entries(answer.headersDistinct))
        for (const value of values) told.append(name, value)
      const { socket } = answer // it is gone at the end
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part) => {
        text += part
      })
      answer.once('error', fail)
      answer.once('end', () => done({ status: answer.statusCode ?? 0, headers: told, text, socket }))
    })
    asked.once('error', fail)
    asked.end(body)
  })
}
