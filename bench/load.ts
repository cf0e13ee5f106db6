import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What a stretch of load came to. Latencies in milliseconds. */
export type Load = {
  requestsPerSecond: number
  p50: number
  p99: number
  requests: number
  errors: number
}

/** Asks `url` for `seconds` over `connections` kept open, with wrk on core 1 unless others are named. */
export async function askWithoutPause(
  target: { url: string; cookie: string },
  { seconds, connections, cores = '1' }: { seconds: number; connections: number; cores?: string },
): Promise<Load> {
  const args = [
    '-c',
    cores,
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    '-H',
    `Cookie: ${target.cookie}`,
    target.url,
  ]
  const { stdout } = await promisify(execFile)('taskset', args)
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1])
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1]
  return {
    requests,
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50: milliseconds(/50%\s+(\S+)/.exec(stdout)?.[1]),
    p99: milliseconds(/99%\s+(\S+)/.exec(stdout)?.[1]),
    errors: Number(failed ?? 0),
  }
}

function milliseconds(text = ''): number {
  const value = Number.parseFloat(text)
  return text.endsWith('us') ? value / 1000 : text.endsWith('ms') ? value : value * 1000
}
