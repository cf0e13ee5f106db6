import { Hono, type MiddlewareHandler } from 'hono'

/** What Oneseat says of whoever makes a request. */
type Variables = { user: { id: string; username?: string; roles: string[] } }

/** Lets only requests with a live session pass, and only users with one of `roles`, if any are named. */
export function signedIn(
  oneseat: string,
  ...roles: string[]
): MiddlewareHandler<{ Variables: Variables }> {
  const query = new URLSearchParams(roles.map((role) => ['role', role] as [string, string]))
  return async (c, next) => {
    const headers = { cookie: c.req.header('cookie') ?? '', accept: 'application/json' }
    const answer = await fetch(`${oneseat}/verify?${query}`, {
      headers,
      signal: AbortSignal.timeout(5_000),
    })
    if (answer.status !== 200) return new Response(answer.body, answer) // the reason, as it is
    c.set('user', ((await answer.json()) as { user: Variables['user'] }).user)
    return next()
  }
}

/** A program behind it. Serve it with `@hono/node-server`, Bun or Deno. */
export function programBehind(oneseat: string) {
  return new Hono<{ Variables: Variables }>()
    .get('/orders', signedIn(oneseat), (c) => c.json({ orders: [], of: c.get('user').username }))
    .get('/reports', signedIn(oneseat, 'editor', 'admin'), (c) => c.json({ reports: [] }))
}
