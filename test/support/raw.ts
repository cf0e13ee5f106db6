import { connect, type Socket } from 'node:net'

/** One HTTP answer as it came over the wire. */
export type RawAnswer = {
  status: number
  headers: Record<string, string>
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects, and fails where it is not there
  body: any
}

/** What a server made of some bytes. */
export type Exchange = { answers: RawAnswer[]; closed: boolean }

type Expectation = {
  /** Resolve when so many answers are complete. */
  answers?: number
  /** Resolve only when the server has closed the connection. */
  untilClosed?: boolean
  /** The answers are to HEAD, and have no bodies. */
  head?: boolean
  /** The client says that nothing more will come. */
  halfClose?: boolean
}

/** Sends bytes as they are to the server at `url`. Rejects after ten seconds. */
export async function exchange(
  url: string,
  bytes: string | Buffer,
  expected: Expectation = {},
): Promise<Exchange> {
  const socket = await openSocket(url)
  socket.write(bytes)
  if (expected.halfClose === true) socket.end()
  return receive(socket, expected)
}

/** A connection to the server at `url`; the caller writes. */
export function openSocket(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  return new Promise((done, fail) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => done(socket))
    socket.once('error', fail)
  })
}

/** Collects answers until the expectation is met or the server closes; then the connection is over. */
export function receive(
  socket: Socket,
  { answers: wanted = 1, untilClosed = false, head = false }: Expectation = {},
): Promise<Exchange> {
  return new Promise((done, fail) => {
    let bytes = Buffer.alloc(0)
    const timer = setTimeout(() => {
      socket.destroy()
      fail(new Error(`no end after ${JSON.stringify(bytes.toString('latin1').slice(0, 500))}`))
    }, 10_000)
    const finish = (closed: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      done({ answers: parseAnswers(bytes, head), closed })
    }
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      if (!untilClosed && parseAnswers(bytes, head).length >= wanted) finish(false)
    })
    socket.on('error', () => {})
    socket.on('close', () => finish(true))
    socket.on('end', () => finish(true))
  })
}

function parseAnswers(bytes: Buffer, head: boolean): RawAnswer[] {
  const answers: RawAnswer[] = []
  let rest = bytes
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return answers
    const [statusLine = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    )
    const length = head ? 0 : Number(headers['content-length'] ?? 0)
    if (rest.length < end + 4 + length) return answers
    const text = rest.subarray(end + 4, end + 4 + length).toString('utf8')
    const isJson = /json/.test(headers['content-type'] ?? '')
    answers.push({
      status: Number(statusLine.split(' ')[1]),
      headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    })
    rest = rest.subarray(end + 4 + length)
  }
}

/** The answer to one request on a connection of its own. */
export async function answerTo(
  url: string,
  line: string,
  headers: string[] = [],
  body = '',
): Promise<RawAnswer> {
  const [answer] = (await exchange(url, request(line, headers, body))).answers
  if (answer === undefined) throw new Error(`no answer to ${line}`)
  return answer
}

/** A whole request of one text; `headers` are lines. */
export function request(line: string, headers: string[] = [], body = ''): string {
  const all = ['Host: oneseat.test', ...headers]
  if (body !== '') all.push(`Content-Length: ${Buffer.byteLength(body)}`)
  return `${line} HTTP/1.1\r\n${all.join('\r\n')}\r\n\r\n${body}`
}
