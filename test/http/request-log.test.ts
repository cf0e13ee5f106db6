import Fastify, { type FastifyBaseLogger } from 'fastify'
import t from 'tap'
import { RequestLog } from '../../src/http/request-log.ts'

t.test('says on every line whose request it is, at the level it was told', async (t) => {
  const { parent, lines } = openLog()
  const log = new RequestLog(parent, 'r-1')
  for (const level of ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const) {
    log[level]({ event: level }, `a ${level} line`)
  }
  log.silent()
  t.equal(log.level, 'trace')
  t.strictSame(
    lines.map(({ level, reqId, event, msg }) => [level, reqId, event, msg]),
    [
      [60, 'r-1', 'fatal', 'a fatal line'],
      [50, 'r-1', 'error', 'a error line'],
      [40, 'r-1', 'warn', 'a warn line'],
      [30, 'r-1', 'info', 'a info line'],
      [20, 'r-1', 'debug', 'a debug line'],
      [10, 'r-1', 'trace', 'a trace line'],
    ],
  )
})

t.test('becomes a logger only when it has something to say, and then once', async (t) => {
  let made = 0
  const { parent } = openLog()
  const child = parent.child.bind(parent)
  parent.child = ((...args: Parameters<typeof child>) => {
    made += 1
    return child(...args)
  }) as typeof parent.child
  const log = new RequestLog(parent, 'r-1')
  t.equal(made, 0)
  log.info({})
  log.info({})
  t.equal(made, 1)
})

t.test('a child of it has its bindings too', async (t) => {
  const { parent, lines } = openLog()
  new RequestLog(parent, 'r-1').child({ part: 'hook' }).info('hello')
  t.match(lines, [{ reqId: 'r-1', part: 'hook', msg: 'hello' }])
})

/** The logger that Fastify gives us, and what it has written. */
function openLog(): { parent: FastifyBaseLogger; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
  return { parent: Fastify({ logger: { level: 'trace', stream } }).log, lines }
}
