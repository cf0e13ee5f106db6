import { type Agent, type IncomingMessage, request } from 'node:http'

/** A request of one client; `sid` is the session cookie. */
export type Request = {
  method: string
  path: string
  sid: string | null
  body?: unknown
  /** The service key of a backend, which says who signs in; `sid` is then what the browser presented to it. */
  key?: string
  /** Has the service keep the answer, in case that it gets lost. */
  idempotencyKey?: string
  /** Milliseconds that the handler shall be parked (see `preload/park.ts`). */
  park?: number
}

export type Answer = {
  code: number
  /** The values of the session cookies that it sets. */
  cookies: string[]
  body: Record<string, unknown> | null
  /** Nothing of the request can have reached a handler. */
  unsent: boolean
}

/** Sends a request, once. Never rejects: without an answer the code is 0. */
export async function send(url: string, agent: Agent | undefined, asked: Request): Promise<Answer> {
  const response = await open(url, agent, asked)
  if (!('headers' in response)) return { code: 0, cookies: [], body: null, unsent: response.unsent }
  const lines = response.headers['set-cookie'] ?? []
  const code = response.statusCode ?? 0
  try {
    const text = await readAll(response)
    const body = text === '' ? null : (JSON.parse(text) as Given)
    const given = [...lines, ...(body?.setCookie ?? [])].map(sidOf).filter((sid) => sid !== '')
    const cookies = body?.token === undefined ? given : [...given, body.token]
    return { code, cookies, body, unsent: false }
  } catch {
    return { code: 0, cookies: [], body: null, unsent: false }
  }
}

/** Where the secret of a session is, other than in a cookie of the answer. */
type Given = Record<string, unknown> & { token?: string; setCookie?: string[] }

/** Sends a request and gives the answer as soon as its head is there. */
export function open(
  url: string,
  agent: Agent | undefined,
  { method, path, sid, body, park, key, idempotencyKey }: Request,
): Promise<IncomingMessage | { unsent: boolean }> {
  const presented = key === undefined || sid === null ? {} : { presented: sid }
  const text = body === undefined ? null : JSON.stringify({ ...(body as object), ...presented })
  requests++
  return new Promise((done) => {
    const sending = request(
      url + path,
      {
        method,
        timeout: PATIENCE,
        headers: {
          ...proof(sid, key),
          ...(text === null
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
          ...(park === undefined ? {} : { 'x-park': park }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(agent === undefined ? {} : { agent }),
      },
      done,
    )
    sending.on('timeout', () => sending.destroy())
    sending.on('error', (error: NodeJS.ErrnoException) =>
      done({ unsent: error.code === 'ECONNREFUSED' }),
    )
    sending.end(text)
  })
}

/** Every third request comes from an app, which sends the same secret in another header. */
function proof(sid: string | null, key: string | undefined): Record<string, string> {
  if (key !== undefined) return { authorization: `Bearer ${key}` }
  if (sid === null) return {}
  return requests % 3 === 0 ? { authorization: `Bearer ${sid}` } : { cookie: `${COOKIE}=${sid}` }
}

let requests = 0

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** The value of a session cookie; empty for one that is cleared, and for any other cookie. */
function sidOf(line: string): string {
  return line.startsWith(`${COOKIE}=`) ? (line.slice(COOKIE.length + 1).split(';')[0] ?? '') : ''
}

const COOKIE = 'oneseat'

/** Milliseconds after which a client gives up: more than any budget of the service. */
const PATIENCE = 8_000
