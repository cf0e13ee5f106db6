import { Agent } from 'node:http'
import { send } from './send.ts'

/** What came back, with the body already read. */
export type Answer = {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where it is not there
  body: any
  /** What it says of the session cookie, and of the one that recognises devices. */
  setCookies: string[]
  deviceCookies: string[]
}

/** A client with a cookie jar of its own: one device. Takes up and drops cookies as a browser would. */
export class Browser {
  readonly jar = new Map<string, string>()
  readonly url: string
  readonly headers: Record<string, string>
  readonly #agent: Agent

  constructor(url: string, headers: Record<string, string> = {}, agent = CONNECTIONS) {
    this.url = url
    this.headers = headers
    this.#agent = agent
  }

  /** The header that a browser would send; empty without cookies. */
  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const { cookie } = this
    const told = await send(this.#agent, this.url + path, {
      method,
      headers: {
        'user-agent': 'node',
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...this.headers,
        ...headers,
      },
      body: body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body),
    })
    const lines = told.headers.getSetCookie()
    for (const line of lines) this.#take(line)
    const isJson = told.text !== '' && /json/.test(told.headers.get('content-type') ?? '')
    return {
      status: told.status,
      headers: told.headers,
      body: isJson ? JSON.parse(told.text) : told.text,
      setCookies: lines.filter((line) => /^(__Host-)?oneseat=/.test(line)),
      deviceCookies: lines.filter((line) => /^(__Host-)?oneseat-device=/.test(line)),
    }
  }

  get(path: string): Promise<Answer> {
    return this.request('GET', path)
  }

  post(path: string, body?: unknown): Promise<Answer> {
    return this.request('POST', path, body)
  }

  login(username: string, more: Record<string, unknown> = {}): Promise<Answer> {
    return this.post('/login', { username, password: PASSWORD, ...more })
  }

  /** Another device that holds the same cookies: a copy taken now. */
  copy(url = this.url, agent = CONNECTIONS): Browser {
    const other = new Browser(url, this.headers, agent)
    for (const [name, value] of this.jar) other.jar.set(name, value)
    return other
  }

  #take(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const name = pair.slice(0, pair.indexOf('='))
    if (attributes.includes('Max-Age=0')) this.jar.delete(name)
    else this.jar.set(name, pair.slice(pair.indexOf('=') + 1))
  }
}

/** Each browser that is given no other connections shares these. */
const CONNECTIONS = new Agent({ keepAlive: true })

/** The password of every user in the tests. */
export const PASSWORD = 'a test needs no secrets'
