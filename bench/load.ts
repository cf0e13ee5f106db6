import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** What a stretch of load came to. Latencies in milliseconds. */
export type Load = {
  requestsPerSecond: number
  p50: number
  p99: number
  requests: number
  errors: number
}

type Stretch = { seconds: number; connections: number; cores?: string }

/** Asks `url` over connections kept open, with wrk on core 1 if not told otherwise (with the server alone on core 0). */
export function askWithoutPause(
  { url, cookie }: { url: string; cookie: string },
  stretch: Stretch,
): Promise<Load> {
  return wrk(stretch, ['-H', `Cookie: ${cookie}`, url])
}

/** Asks with each cookie of a file in turn, one a line, and with the headers of a browser. */
export function askAs(url: string, cookies: string, stretch: Stretch): Promise<Load> {
  const script = join(import.meta.dirname, 'as-many.lua')
  return wrk(stretch, ['-s', script, url], { COOKIES: cookies })
}

async function wrk(
  { seconds, connections, cores = '1' }: Stretch,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Load> {
  const { stdout } = await promisify(execFile)(
    'taskset',
    ['-c', cores, 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...args],
    { env: { ...process.env, ...env } },
  )
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1])
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1]
  return {
    requests,
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]),
    p50: milliseconds(/^ +50% +(\S+)/m.exec(stdout)?.[1]),
    p99: milliseconds(/^ +99% +(\S+)/m.exec(stdout)?.[1]),
    errors: Number(failed ?? 0),
  }
}

function milliseconds(text = ''): number {
  const value = Number.parseFloat(text)
  return text.endsWith('us') ? value / 1000 : text.endsWith('ms') ? value : value * 1000
}
