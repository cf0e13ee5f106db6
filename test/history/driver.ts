import { Agent } from 'node:http'
import { type Answer, type Request, send } from './client.ts'
import type { Op, OpType, Outcome } from './history.ts'
import { readReplacedBy, readSession, readSessions } from './shown.ts'
import { openStream } from './stream.ts'

/** A request to make. */
export type Call = Request & {
  type: OpType
  user: string
  instance: number
  /** The public id of the session that it means. */
  target?: string | null
}

/** Makes requests and writes down what came of them. Never tries one again. */
export type Driver = {
  call(call: Call): Promise<Op & { body: Record<string, unknown> | null }>
  /** Opens `/me/events`, and closes it when that is `enough` if it has not ended by then. */
  listen(call: Pick<Call, 'user' | 'instance' | 'sid'>, enough: () => boolean): Promise<void>
  /** A name that no other device has. */
  newDevice(): string
  readonly ops: Op[]
  close(): void
}

/** `urls`: of the instances, in order. All times are of one monotonic clock. */
export function openDriver(urls: readonly string[]): Driver {
  const agents = urls.map(() => new Agent({ keepAlive: true, maxSockets: 256 }))
  const ops: Op[] = []
  let devices = 0
  return {
    ops,
    newDevice() {
      devices++
      return `device ${devices}`
    },
    async call(call) {
      const t0 = performance.now()
      const answer = await send(urls[call.instance] ?? '', agents[call.instance], call)
      const op = describe(call, answer, t0)
      ops.push(op)
      return { ...op, body: answer.body }
    },
    async listen(asked, enough) {
      const call: Call = { ...asked, type: 'stream', method: 'GET', path: '/me/events' }
      const t0 = performance.now()
      const stream = await openStream(urls[call.instance] ?? '', agents[call.instance], call)
      ops.push(describe(call, stream.head, t0))
      if (stream.head.code !== 200) return
      const opened = performance.now()
      const { said, answer } = await stream.listen(enough)
      ops.push({ ...describe({ ...call, type: 'ended' }, answer, opened), res: said })
    },
    close: () => {
      for (const agent of agents) agent.destroy()
    },
  }
}

function describe(call: Call, answer: Answer, t0: number): Op {
  const { type } = call
  const { code, body } = answer
  const user = body?.['user'] as { username?: string } | undefined
  const sent = call.body as { device?: string; password?: string; newPassword?: string } | undefined
  const reason = (body?.['code'] as string | undefined) ?? null
  return {
    type,
    user: call.user,
    instance: call.instance,
    sid: call.sid,
    issued: answer.cookies[0] ?? null,
    who: type === 'login' || type === 'me' ? (user?.username ?? null) : null,
    t0,
    t1: performance.now(),
    code,
    reason,
    res: outcome(type, answer, reason),
    cookies: answer.cookies.length,
    mayRepeat: call.idempotencyKey !== undefined,
    device: type === 'login' ? (sent?.device ?? null) : null,
    password: sent?.newPassword ?? sent?.password ?? null,
    target: call.target ?? null,
    session: readSession(body?.['session']),
    listed: readSessions(body?.[type === 'login' && code < 300 ? 'replaced' : 'sessions']),
    replacedBy: readReplacedBy(body?.['replacedBy']),
  }
}

function outcome(type: OpType, { code, unsent }: Answer, reason: string | null): Outcome {
  if (code >= 200 && code < 300) return 'ok'
  if (code === 401) return type === 'login' || reason === 'invalid_credentials' ? 'fail' : 'denied'
  if (code >= 400 && code < 500) return 'fail'
  return unsent ? 'fail' : 'info'
}
