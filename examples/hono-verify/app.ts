import { type Context, Hono, type MiddlewareHandler } from 'hono'

/** The URL of Oneseat, which runs with ACCOUNTS=external, and a key. Make it with: oneseat keys add shop --scope sign-in */
type Oneseat = { url: string; key: string }
/** A user of this program, and the user of a request as Oneseat describes them. */
type User = { id: string; name: string; roles: string[] }
type Variables = { user: User }

/** Lets a request pass if its session is live and its user has one of the roles. Without roles any user passes. */
export function requireSession(
  { url }: Oneseat,
  ...roles: string[]
): MiddlewareHandler<{ Variables: Variables }> {
  const query = new URLSearchParams(roles.map((role): [string, string] => ['role', role]))
  return async function requireSession(c, next) {
    const headers = { cookie: c.req.header('cookie') ?? '', accept: 'application/json' }
    const answer = await ask(`${url}/verify?${query}`, { headers })
    if (answer.status !== 200) return new Response(answer.body, answer) // it says why, such as session_replaced
    c.set('user', ((await answer.json()) as { user: User }).user)
    return next()
  }
}

/** Tells Oneseat who has signed in, and sets the cookies in the browser. `ip`: see `getConnInfo` of your server. */
export async function signIn({ url, key }: Oneseat, user: User, c: Context, ip: string) {
  const presented = c.req.header('cookie') // the same browser replaces itself
  const answer = await ask(`${url}/sessions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ user, userAgent: c.req.header('user-agent'), ip, presented }),
  })
  if (answer.status !== 201) return new Response(answer.body, answer)
  const { setCookie, replaced } = (await answer.json()) as { setCookie: string[]; replaced: object[] }
  for (const line of setCookie) c.header('set-cookie', line, { append: true })
  return c.json({ replaced })
}

/** If there is no answer: 503 and not 401, so that no client throws a good cookie away. */
function ask(url: string, init: RequestInit): Promise<Response> {
  const failed = () => Response.json({ code: 'unavailable' }, { status: 503 })
  return fetch(url, { ...init, signal: AbortSignal.timeout(5_000) }).catch(failed)
}

/** A program with its own users. Serve it with `@hono/node-server`, Bun or Deno. */
export function programBehind(
  oneseat: Oneseat,
  verifyPassword: (username: unknown, password: unknown) => Promise<User | null>,
) {
  return new Hono<{ Variables: Variables }>()
    .post('/login', async (c) => {
      const { username, password } = await c.req.json()
      const user = await verifyPassword(username, password)
      if (user === null) return c.json({ code: 'invalid_credentials' }, 401)
      return signIn(oneseat, user, c, '127.0.0.1')
    })
    .get('/orders', requireSession(oneseat), (c) => c.json({ ordersOf: c.get('user').name }))
    .get('/reports', requireSession(oneseat, 'admin', 'editor'), (c) =>
      c.json({ reportsFor: c.get('user').name }),
    )
}
