import { Agent, type IncomingMessage, request } from 'node:http'
import type { Op, OpType, Outcome } from './history.ts'

/** A request to make; `sid` is the cookie to send. */
export type Call = {
  type: OpType
  user: string
  instance: number
  sid: string | null
  method: string
  path: string
  body?: unknown
  /** Milliseconds that the handler shall be parked (see `preload/park.ts`). */
  park?: number
}

/** Makes requests and writes down what came of them. Never tries one again. */
export type Driver = {
  call(call: Call): Promise<Op & { body: Record<string, unknown> | null }>
  readonly ops: Op[]
  close(): void
}

/** `urls`: of the instances, in order. All times are of one monotonic clock. */
export function openDriver(urls: readonly string[]): Driver {
  const agents = urls.map(() => new Agent({ keepAlive: true, maxSockets: 256 }))
  const ops: Op[] = []
  return {
    ops,
    async call(call) {
      const t0 = performance.now()
      const answer = await send(call, urls[call.instance] ?? '', agents[call.instance])
      const sids = answer.cookies.map(sidOf).filter((sid) => sid !== '')
      const user = answer.body?.['user'] as { username?: string } | undefined
      const op: Op = {
        type: call.type,
        user: call.user,
        instance: call.instance,
        sid: call.type === 'login' ? (sids[0] ?? null) : call.sid,
        who: user?.username ?? null,
        t0,
        t1: performance.now(),
        code: answer.code,
        reason: (answer.body?.['code'] as string | undefined) ?? null,
        res: outcome(call.type, answer),
        cookies: sids.length,
      }
      ops.push(op)
      return { ...op, body: answer.body }
    },
    close: () => {
      for (const agent of agents) agent.destroy()
    },
  }
}

type Answer = {
  code: number
  cookies: string[]
  body: Record<string, unknown> | null
  /** Nothing of the request can have reached a handler. */
  unsent: boolean
}

function send(call: Call, url: string, agent: Agent | undefined): Promise<Answer> {
  const body = call.body === undefined ? null : JSON.stringify(call.body)
  return new Promise((done) => {
    const lost = (unsent: boolean) => done({ code: 0, cookies: [], body: null, unsent })
    const sending = request(
      url + call.path,
      {
        method: call.method,
        timeout: PATIENCE,
        headers: {
          ...(call.sid === null ? {} : { cookie: `${COOKIE}=${call.sid}` }),
          ...(body === null
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
          ...(call.park === undefined ? {} : { 'x-park': call.park }),
        },
        ...(agent === undefined ? {} : { agent }),
      },
      (response) => void receive(response).then(done, () => lost(false)),
    )
    sending.on('timeout', () => sending.destroy())
    sending.on('error', (error: NodeJS.ErrnoException) => lost(error.code === 'ECONNREFUSED'))
    sending.end(body)
  })
}

async function receive(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return {
    code: response.statusCode ?? 0,
    cookies: response.headers['set-cookie'] ?? [],
    body: text === '' ? null : JSON.parse(text),
    unsent: false,
  }
}

function outcome(type: OpType, { code, unsent }: Answer): Outcome {
  if (code >= 200 && code < 300) return 'ok'
  if (code === 401) return type === 'login' ? 'fail' : 'denied'
  if (code >= 400 && code < 500) return 'fail'
  return unsent ? 'fail' : 'info'
}

/** The value of a session cookie; empty for one that is cleared, and for any other cookie. */
function sidOf(line: string): string {
  return line.startsWith(`${COOKIE}=`) ? (line.slice(COOKIE.length + 1).split(';')[0] ?? '') : ''
}

const COOKIE = 'oneseat'

/** Milliseconds after which a client gives up: more than any budget of the service. */
const PATIENCE = 8_000
