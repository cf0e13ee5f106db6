import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import type { Engines } from '../../src/database/engines.ts'
import { Refusal } from '../../src/errors.ts'
import type { SessionCookie } from '../../src/fastify/cookie.ts'
import type { App } from '../../src/http/types.ts'
import type { LiveSession, SessionUser } from '../../src/sessions/record.ts'
import type { Login, Sessions } from '../../src/sessions/sessions.ts'
import type { SessionStore } from '../../src/sessions/store.ts'
import { formatToken, hashSecret, newSecret, newSessionId, readToken } from '../../src/sessions/token.ts'

/**
 * What is usually built, on the same engines, so that every check can be seen to fail: sessions under keys of their own,
 * written without a condition. `index` lists a user's sessions beside them (better-auth, Kratos, Spring Security);
 * `pointer` names the one that counts, and logs out whoever does not match (devise-security, Laravel).
 */
export type NaiveKind = 'index' | 'pointer'

type Stored = { session: LiveSession; user: SessionUser }

export function naiveSessions(
  { store, numbers: { numbers } }: Engines,
  kind: NaiveKind,
  random: (n: number) => Buffer,
): Sessions {
  const keys = keysIn(store)

  return {
    async claim(login) {
      const handle = login.handle ?? ''
      const purpose = { kind: 'login', sessionId: null, note: null } as const
      const user = await numbers.raise(handle, { above: 0, under: null, purpose })
      if (user === null || user === 'outdated') throw new Refusal('invalid_credentials')
      const secret = newSecret(random)
      const session = newSession(
        login,
        newSessionId(random),
        hashSecret('', secret),
        user.number,
        store.now(),
      )
      const others = (await keys.get<string[]>(`user:${user.id}`)) ?? []
      const replaced: LiveSession[] = []
      for (const other of others) {
        const stored = await keys.get<Stored>(other)
        if (stored !== null) replaced.push(stored.session)
        if (kind === 'index') await keys.put(other, null)
      }
      await keys.put(session.secretHash, { session, user } satisfies Stored)
      await keys.put(`user:${user.id}`, [session.secretHash])
      const token = formatToken(handle, secret)
      return { kind: 'claimed', token, session, user, replaced }
    },

    async find(token) {
      const { handle = '', secret = '' } = readToken(token) ?? {}
      const key = { handle, secretHash: hashSecret('', secret) }
      const stored = await keys.get<Stored>(key.secretHash)
      if (stored === null || stored.session.expiresAt <= store.now()) return null
      const newest = `user:${stored.user.id}`
      if (kind === 'pointer' && (await keys.get<string[]>(newest))?.[0] !== key.secretHash) {
        await keys.put(key.secretHash, null)
        await keys.put(newest, null)
        return null
      }
      return { state: 'live', ...stored, key }
    },

    isDue: () => true,

    async extend(found) {
      const { user, session, key } = found
      await keys.put(key.secretHash, {
        user,
        session: { ...session, lastSeenAt: store.now() },
      } satisfies Stored)
      return found
    },

    async release(key) {
      const stored = await keys.get<Stored>(key.secretHash)
      await keys.put(key.secretHash, null)
      if (stored !== null) await keys.put(`user:${stored.user.id}`, null)
      return stored !== null
    },

    // No check comes here.
    settle: async () => null,
    findById: async () => null,
    list: async () => [],
    revoke: async () => [],
    update: async () => null,
    renew: async () => null,
    dispute: async () => null,
    completeChanges: async () => 0,
  }
}

/** The plugin as it comes: every reply writes the session back and sends its cookie again. */
export async function carryNaively(app: App, sessions: Sessions, cookie: SessionCookie): Promise<void> {
  // Errors, too, go through the hooks, where the plugin saves what a failed request has changed.
  app.setErrorHandler<Partial<Refusal>>((error, _request, reply) =>
    reply.code(error.status ?? 500).send({ code: error.code ?? 'internal' }),
  )
  await app.register(fastifyCookie)
  await app.register(fastifySession, {
    cookieName: cookie.name,
    secret: { sign: (value) => value, unsign: (value) => ({ valid: true, renew: false, value }) },
    cookie: { path: '/', secure: false },
    store: {
      get(id, done) {
        if (readToken(id) === null) return done(null, null)
        sessions.find(id).then((found) => done(null, found && ({ found } as never)), done)
      },
      set(id, session, done) {
        const { found } = session as never as { found?: Parameters<Sessions['extend']>[0] }
        if (readToken(id) === null || found === undefined) return done()
        sessions.extend(found).then(() => done(), done)
      },
      destroy(id, done) {
        const { handle = '', secret = '' } = readToken(id) ?? {}
        if (handle === '') return done()
        const key = { handle, secretHash: hashSecret('', secret) }
        sessions.release(key, 'logged_out').then(() => done(), done)
      },
    },
  })
}

function newSession(
  login: Login,
  id: string,
  secretHash: string,
  epoch: number,
  now: number,
): LiveSession {
  const { device, ip } = login
  const expiresAt = now + 3_600_000
  return {
    id,
    secretHash,
    epoch,
    device,
    ip,
    createdAt: now,
    lastSeenAt: now,
    idleExpiresAt: expiresAt,
    expiresAt,
  }
}

/** A key-value store with SET and DEL, which is what a compare-and-swap is when nobody minds the comparison. */
function keysIn(store: SessionStore) {
  return {
    async get<T>(key: string): Promise<T | null> {
      const { text } = await store.read(key)
      return text === null ? null : (JSON.parse(text) as T | null)
    },
    async put(key: string, value: unknown): Promise<void> {
      const next = JSON.stringify(value)
      const keepUntil = store.now() + 3_600_000
      while (!(await store.swap(key, await store.read(key), next, keepUntil)));
    },
  }
}
