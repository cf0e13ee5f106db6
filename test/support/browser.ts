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
  readonly #send: typeof fetch

  constructor(url: string, headers: Record<string, string> = {}, send = fetch) {
    this.url = url
    this.headers = headers
    this.#send = send
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await this.#send(this.url + path, {
      method,
      headers: {
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...this.headers,
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const lines = response.headers.getSetCookie()
    for (const line of lines) this.#take(line)
    const text = await response.text()
    const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
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
  copy(url = this.url): Browser {
    const other = new Browser(url, this.headers)
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

/** The password of every user in the tests. */
export const PASSWORD = 'a test needs no secrets'
