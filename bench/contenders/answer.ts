import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * The body that every contender answers with: what `GET /me` of Oneseat looks like. Those that keep sessions keep this in
 * them: whoever answers with it has to know it from somewhere.
 */
export const ANSWER = {
  user: {
    id: 'zwFl7ADxuWwQbnxb',
    username: 'ann',
    roles: [],
    createdAt: '2026-11-23T01:38:07.433Z',
  },
  session: {
    id: '94nrGU1cUB7k',
    epoch: 1,
    device: { name: 'laptop', os: 'Linux', browser: 'Firefox' },
    ip: '127.0.0.1',
    createdAt: '2026-11-23T01:38:07.483Z',
    lastSeenAt: '2026-11-23T01:38:07.483Z',
    idleExpiresAt: '2026-11-23T02:08:07.483Z',
    expiresAt: '2026-11-23T13:38:07.483Z',
    current: true,
  },
}

/** After how long without use a session of theirs ends, milliseconds: as one of Oneseat does. */
export const IDLE_TIMEOUT = 30 * 60_000

/** Tells the bench that this contender is ready: where to ask, and with which cookie. */
export function announce(url: string, cookie = ''): void {
  settle()
  process.stdout.write(`${JSON.stringify({ url, cookie })}\n`)
}

/**
 * Collects garbage while nothing is asked, as a service that has something to load does while it starts. V8 may be slower from
 * then on (docs/performance.md), which would else be left to chance. With `FRESH` it is not done.
 */
export function settle(): void {
  if (process.env['FRESH'] === 'true') return
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

/** The `name=value` of the first cookie that a response sets. */
export function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}
