import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import type { Test } from 'tap'
import { Browser } from './browser.ts'
import { send } from './send.ts'

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
    const { agent, socket } = await openConnection(url)
    const worker = workers.find((pid) => holds(pid, socket)) ?? null
    if (worker === null || ofWorker(worker).length === count) {
      agent.destroy()
      continue
    }
    t.teardown(() => agent.destroy())
    kept.push({
      worker,
      device: (other = new Browser(url)) => other.copy(url, agent),
    })
  }
  return workers.flatMap(ofWorker)
}

async function openConnection(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const asked = { method: 'GET', headers: {}, body: null }
  const { socket } = await send(agent, `${url}/health/live`, asked)
  agent.createConnection = (_options, callback) => {
    callback?.(new Error('the connection has ended'), undefined as never)
    return undefined
  }
  return { agent, socket }
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
