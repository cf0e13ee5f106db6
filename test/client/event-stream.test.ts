import t from 'tap'
import { followStream, type StreamListener } from '../../src/client/event-stream.ts'
import { hastyClock } from '../support/device.ts'

/** Follows a stream that answers with these, one after the other, and gives what was told. */
async function follow(...answers: (Response | Error | (() => Response))[]) {
  const told: string[] = []
  const over = new AbortController()
  const listener: StreamListener = {
    opened: () => told.push('opened'),
    ending: ({ at }) => told.push(`ending ${at}`),
    ended: ({ code }) => told.push(`ended ${code}`),
  }
  const clock = hastyClock()
  const open = async (signal: AbortSignal) => {
    const next = answers.shift()
    if (next === undefined) over.abort()
    if (next === undefined || next instanceof Error) throw next ?? new Error('over')
    const response = next instanceof Response ? next : next()
    if (!signal.aborted) told.push(String(response.status))
    return response
  }
  await followStream(open, listener, clock, over.signal, 50)
  return { told, waits: clock.waits }
}

const saying = (...parts: string[]) =>
  new Response(
    new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(new TextEncoder().encode(part))
        controller.close()
      },
    }),
    STREAM,
  )
const STREAM = { headers: { 'content-type': 'text/event-stream; charset=utf-8' } }
const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
const IN_FULL = event('session.ended', { code: 'session_replaced', status: 401 })

t.test('it tells of the end, and ends', async (t) => {
  const { told } = await follow(
    saying('retry: 2000\n\n: still ', 'signed in\n\nevent: session.en', IN_FULL.slice(17), 'more'),
    saying('never opened'),
  )
  t.strictSame(told, ['200', 'opened', 'ended session_replaced'])
})

t.test(
  'it tells that the end is near, and goes on; of what it does not know it is silent',
  async (t) => {
    const ending = event('session.ending', { code: 'session_idle', at: 'soon' })
    const { told } = await follow(saying(event('news', {}), ending, IN_FULL))
    t.strictSame(told, ['200', 'opened', 'ending soon', 'ended session_replaced'])
  },
)

t.test(
  'it comes back after a 502, a 503, no connection and a break, with pauses that grow',
  async (t) => {
    const { told, waits } = await follow(
      new Response('bad gateway', { status: 502 }),
      new Error('no connection'),
      new Response('later', { status: 503, headers: { 'retry-after': '9' } }),
      saying(': still signed in\n\n'),
      saying('retry: 60000\n\n'),
      saying(IN_FULL),
    )
    t.strictSame(told, [
      '502',
      '503',
      '200',
      'opened',
      '200',
      'opened',
      '200',
      'opened',
      'ended session_replaced',
    ])
    t.strictSame(waits, [750, 1375, 9500, 750, 60_500])
  },
)

t.test('a page in place of the stream opens nothing, and the pauses grow', async (t) => {
  const page = () => new Response('<h1>Welcome to our hotel</h1>')
  const { told, waits } = await follow(page, page, page, saying(IN_FULL))
  t.strictSame(told, ['200', '200', '200', '200', 'opened', 'ended session_replaced'])
  t.strictSame(waits, [750, 1375, 2500])
})

t.test('a refusal of the API ends it', async (t) => {
  const refused = Response.json({ code: 'session_idle', status: 401 }, { status: 401 })
  t.strictSame((await follow(refused, saying(IN_FULL))).told, ['401', 'ended session_idle'])
  const unknown = Response.json({ code: 'not_found', status: 404 }, { status: 404 })
  t.strictSame((await follow(unknown, saying(IN_FULL))).told, ['404'])
})

t.test('one that was cut off, and the page of a proxy, are no answer', async (t) => {
  const cut = () => new Response('{"code":"session_repl', { status: 401 })
  const page = () => new Response('404 page not found', { status: 404 })
  const { told, waits } = await follow(cut, page, cut, saying(IN_FULL))
  t.strictSame(told, ['401', '404', '401', '200', 'opened', 'ended session_replaced'])
  t.strictSame(waits, [750, 1375, 2500])
})

t.test('however long it is asked to wait, it waits', async (t) => {
  const later = (after: string) => new Response('', { status: 429, headers: { 'retry-after': after } })
  const { waits } = await follow(later('99999999999'), later('9'.repeat(400)), saying(IN_FULL))
  for (const ms of waits) t.ok(ms > 24 * 60 * 60 * 1000 && ms < 2 ** 31, String(ms))
})

t.test('who is asked to come back at once by each answer comes back more and more slowly', async (t) => {
  const now = () => new Response('', { status: 503, headers: { 'retry-after': '0' } })
  const { waits } = await follow(now, now, now, saying(IN_FULL))
  t.strictSame(waits, [750, 1375, 2500])
})

t.test('it comes back when nothing arrives any more', async (t) => {
  let cancelled = false
  const silent = () =>
    new Response(
      new ReadableStream({
        cancel: () => {
          cancelled = true
        },
      }),
      STREAM,
    )
  const { told } = await follow(silent, saying(IN_FULL))
  t.strictSame(told, ['200', 'opened', '200', 'opened', 'ended session_replaced'])
  t.ok(cancelled)
})

t.test('an event without end is given up', async (t) => {
  const { told } = await follow(saying('data: ', 'x'.repeat(70_000), 'x', IN_FULL), saying(IN_FULL))
  t.strictSame(told, ['200', 'opened', '200', 'opened', 'ended session_replaced'])
})
