import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export type CountingProxy = {
  port: number
  /** How many event streams are open through it. */
  streams(): number
  /** How many were ever asked for. */
  opened(): number
  /** From now on it answers 502 to those who ask for a stream, and ends those that there are. */
  breakStreams(): void
  mend(): void
}

/** A proxy over HTTP/1.1, which counts the event streams that go through it and can break them. */
export async function startCountingProxy(t: Test, upstream: string): Promise<CountingProxy> {
  const open = new Set<() => void>()
  let isBroken = false
  let opened = 0
  const server = createServer((request, response) => {
    const isStream = request.url === '/me/events'
    if (isStream) opened++
    if (isStream && isBroken) return response.writeHead(502).end('<h1>Bad gateway</h1>')
    const { method = 'GET', headers, url = '/' } = request
    const inner = httpRequest(upstream + url, { method, headers, agent: false }, (answer) => {
      const end = () => response.destroy()
      if (isStream && answer.statusCode === 200) open.add(end)
      response.once('close', () => {
        open.delete(end)
        inner.destroy()
      })
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    })
    inner.on('error', () => response.destroy())
    return request.pipe(inner)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    streams: () => open.size,
    opened: () => opened,
    breakStreams: () => {
      isBroken = true
      for (const end of open) end()
    },
    mend: () => {
      isBroken = false
    },
  }
}
