import { randomBytes } from 'node:crypto'
import { keepTickShape } from '../../src/http/tick-shape.ts'

// Every contender is measured in its best state (docs/performance.md, "The shape of a tick").
keepTickShape()

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

/** How many users ask in turn; each is signed in before the contender is ready. */
export const CROWD = Number(process.env['CROWD'] ?? 1)

/** The cookies of everybody in the crowd, each made by `signIn`, some at a time. */
export async function signInAll(signIn: () => Promise<string>): Promise<string[]> {
  const cookies: string[] = []
  while (cookies.length < CROWD) {
    const left = CROWD - cookies.length
    cookies.push(...(await Promise.all(Array.from({ length: Math.min(left, 100) }, signIn))))
  }
  return cookies
}

/** Cookies that mean nothing, for who does not look at them. */
export function anyCookies(): string[] {
  return Array.from({ length: CROWD }, () => `session=${randomBytes(45).toString('base64url')}`)
}

/** Tells the bench that this contender is ready: where to ask, and with which cookies in turn. */
export function announce(url: string, cookies: readonly string[]): void {
  process.stdout.write(`${JSON.stringify({ url, cookies })}\n`)
}

/** The `name=value` of the first cookie that a response sets. */
export function cookieOf(response: Response): string {
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}
