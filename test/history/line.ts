import { createServer, connect as open, type Socket } from 'node:net'

/** A TCP proxy, to break the network with. */
export type Line = {
  port: number
  /** Sends new connections there. */
  lead(port: number): void
  /** Ends every connection and refuses new ones, until `heal`. */
  cut(): void
  /** Ends every connection, and takes new ones. */
  drop(): void
  /** Takes connections and bytes, and passes nothing on, until `heal`; then everything arrives late. */
  freeze(): void
  /** Holds every piece back for so many milliseconds, both ways. */
  delay(ms: number): void
  heal(): void
  close(): Promise<void>
}

/** Listens on a free port and passes everything on to `upstream` and back. */
export async function openLine(upstream: number): Promise<Line> {
  const sockets = new Set<Socket>()
  let state: 'open' | 'cut' | 'frozen' = 'open'
  let lateness = 0
  let target = upstream
  let thaw = Promise.withResolvers<void>()

  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy()
      return
    }
    const far = open(target, '127.0.0.1')
    pass(client, far)
    pass(far, client)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))

  function pass(from: Socket, to: Socket): void {
    sockets.add(from)
    from.setNoDelay(true)
    let queue = Promise.resolve() // bytes never overtake each other, whatever changes meanwhile
    let queued = 0
    from.on('data', (chunk) => {
      const due = performance.now() + lateness
      if (queued === 0 && lateness === 0 && state === 'open') {
        to.write(chunk)
        return
      }
      queued++
      queue = queue.then(async () => {
        if (state === 'frozen') await thaw.promise
        await new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())))
        queued--
        if (!to.destroyed) to.write(chunk)
      })
    })
    from.on('error', () => {})
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }

  function drop(): void {
    for (const socket of sockets) socket.destroy()
  }

  return {
    port: (server.address() as { port: number }).port,
    lead(port) {
      target = port
    },
    cut() {
      state = 'cut'
      drop()
    },
    drop,
    freeze() {
      state = 'frozen'
    },
    delay(ms) {
      lateness = ms
    },
    heal() {
      state = 'open'
      lateness = 0
      thaw.resolve()
      thaw = Promise.withResolvers()
    },
    close() {
      drop()
      return new Promise((done) => server.close(() => done()))
    },
  }
}
