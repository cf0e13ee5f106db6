import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { Agent, type OutgoingHttpHeaders, request } from 'node:http'
import type { Socket } from 'node:net'
import type { Test } from 'tap'
import { Browser } from './browser.ts'

/** One connection that stays open: whatever is sent over it, the same worker answers. Linux only. */
export type Wire = {
  /** The process at its other end. */
  worker: number
  /** A device on this connection: a new one, or one with the cookies that `other` has now. */
  device(other?: Browser): Browser
}

/** Opens connections until each of these processes has `count`; they are closed when the test ends. */
export async function openWires(
  t: Test,
  url: string,
  workers: readonly number[],
  count = 1,
): Promise<Wire[]> {
  const kept: Wire[] = []
  const ofWorker = (pid: number | null) => kept.filter(({ worker }) => worker === pid)
  for (let tries = 0; kept.length < count * workers.length; tries++) {
    if (tries > 20 * count * workers.length) throw new Error('a worker takes no connections')
    const { agent, send, socket } = await openConnection(url)
    const worker = workers.find((pid) => holds(pid, socket)) ?? null
    if (worker === null || ofWorker(worker).length === count) {
      agent.destroy()
      continue
    }
    t.teardown(() => agent.destroy())
    kept.push({
      worker,
      device(other) {
        const device = new Browser(url, {}, send)
        for (const [name, value] of other?.jar ?? []) device.jar.set(name, value)
        return device
      },
    })
  }
  return workers.flatMap(ofWorker)
}

async function openConnection(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  let socket: Socket | null = null

  async function send(target: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const headers = init.headers as OutgoingHttpHeaders | undefined
    const asked = request(String(target), {
      agent,
      method: init.method ?? 'GET',
      ...(headers === undefined ? {} : { headers }),
    })
    asked.end(init.body)
    return new Promise((done, fail) => {
      asked.once('error', fail)
      asked.once('response', async (answer) => {
        if (socket !== null && socket !== answer.socket) fail(new Error('another connection'))
        socket = answer.socket
        const told = new Headers()
        for (const [name, values = []] of Object.entries(answer.headersDistinct))
          for (const value of values) told.append(name, value)
        const body = (await answer.toArray()).join('')
        done(new Response(body === '' ? null : body, { status: answer.statusCode ?? 0, headers: told }))
      })
    })
  }

  await send(`${url}/health/live`)
  return { agent, send, socket: socket as unknown as Socket }
}

/** Whether a process has the other end of a connection. */
function holds(pid: number, socket: Socket): boolean {
  const [near, far] = [hex(socket.remotePort), hex(socket.localPort)]
  const row = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, local, remote]) => local?.endsWith(near) === true && remote?.endsWith(far) === true)
  return openFilesOf(pid).includes(`socket:[${row?.[9]}]`)
}

function hex(port = 0): string {
  return `:${port.toString(16).toUpperCase().padStart(4, '0')}`
}

function openFilesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return '' // closed meanwhile
    }
  })
}
