import { createServer, connect as open, type Socket } from 'node:net'

/** Which way bytes go: to the server, or back to the client. */
export type Way = 'there' | 'back'

/** What can be done to the network between clients and a server. */
export type Control = {
  /** Sends new connections there. */
  lead(port: number): void
  /** Ends every connection and refuses new ones, until `heal`. */
  cut(): void
  /** Ends every connection, and takes new ones. */
  drop(): void
  /** Takes connections and bytes, and passes nothing on, until `heal`; then everything arrives late. */
  freeze(): void
  /** Holds every piece back for so many milliseconds, both ways or one way. */
  delay(ms: number, ...ways: Way[]): void
  /**
   * Keeps what goes this way until `heal`, on each connection from the first piece that `which` picks. What is kept arrives
   * then, also if whoever sent it has closed the connection since. Resolves when there is something to keep.
   */
  hold(way: Way, which?: (bytes: Buffer) => boolean): Promise<void>
  /** Loses what goes this way, until `heal`: that ends the connections which lost something. */
  lose(way: Way): void
  heal(): void
}

/** A TCP proxy, to break the network with. */
export type Line = Control & { port: number; close(): Promise<void> }

/** What happens to bytes that go one way. */
type Rule = {
  lateness: number
  which: ((bytes: Buffer) => boolean) | null
  held: PromiseWithResolvers<void>
  released: PromiseWithResolvers<void>
  loses: boolean
}

/** Listens on a free port and passes everything on to `upstream` and back. */
export async function openLine(upstream: number): Promise<Line> {
  const sockets = new Set<Socket>()
  const hurt = new Set<Socket>()
  const rules: Record<Way, Rule> = { there: innocent(), back: innocent() }
  let isCut = false
  let target = upstream

  const server = createServer((client) => {
    if (isCut) {
      client.destroy()
      return
    }
    const far = open(target, '127.0.0.1')
    pass(client, far, 'there')
    pass(far, client, 'back')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))

  function pass(from: Socket, to: Socket, way: Way): void {
    sockets.add(from)
    from.setNoDelay(true)
    let queue = Promise.resolve() // bytes never overtake each other, whatever changes meanwhile
    let queued = 0
    from.on('data', (chunk) => {
      const { lateness, which, held, released, loses } = rules[way]
      if (loses) {
        hurt.add(from)
        return
      }
      const due = performance.now() + lateness
      const isHeld = which?.(chunk) === true
      if (isHeld) held.resolve()
      if (queued === 0 && lateness === 0 && !isHeld) {
        to.write(chunk)
        return
      }
      queued++
      queue = queue.then(async () => {
        if (isHeld) await released.promise
        await new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())))
        queued--
        if (!to.destroyed) to.write(chunk)
      })
    })
    from.on('error', () => {})
    from.on('close', () => {
      sockets.delete(from)
      hurt.delete(from)
      queue = queue.then(() => void to.end())
    })
  }

  function drop(): void {
    for (const socket of sockets) socket.destroy()
  }

  function hold(way: Way, which: (bytes: Buffer) => boolean = () => true): Promise<void> {
    rules[way].which = which
    return rules[way].held.promise
  }

  return {
    port: (server.address() as { port: number }).port,
    lead(port) {
      target = port
    },
    cut() {
      isCut = true
      drop()
    },
    drop,
    freeze() {
      for (const way of WAYS) void hold(way)
    },
    delay(ms, ...ways) {
      for (const way of ways.length > 0 ? ways : WAYS) rules[way].lateness = ms
    },
    hold,
    lose(way) {
      rules[way].loses = true
    },
    heal() {
      isCut = false
      for (const socket of hurt) socket.destroy()
      for (const way of WAYS) {
        rules[way].released.resolve()
        rules[way] = innocent()
      }
    },
    close() {
      drop()
      return new Promise((done) => server.close(() => done()))
    },
  }
}

function innocent(): Rule {
  return {
    lateness: 0,
    which: null,
    held: Promise.withResolvers(),
    released: Promise.withResolvers(),
    loses: false,
  }
}

const WAYS = ['there', 'back'] as const

/** Does the same to several lines. */
export function together(lines: readonly Line[]): Control {
  const each = (action: (line: Line) => void) => {
    for (const line of lines) action(line)
  }
  return {
    lead: (port) => each((line) => line.lead(port)),
    cut: () => each((line) => line.cut()),
    drop: () => each((line) => line.drop()),
    freeze: () => each((line) => line.freeze()),
    delay: (ms, ...ways) => each((line) => line.delay(ms, ...ways)),
    hold: (way, which) => Promise.race(lines.map((line) => line.hold(way, which))),
    lose: (way) => each((line) => line.lose(way)),
    heal: () => each((line) => line.heal()),
  }
}
