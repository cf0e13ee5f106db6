import fastifyCookie from '@fastify/cookie'
import fastifySession from '@fastify/session'
import type { Engines } from '../../src/database/engines.ts'
import { Refusal } from '../../src/errors.ts'
import type { SessionCookie } from '../../src/fastify/cookie.ts'
import type { App } from '../../src/http/types.ts'
import type { Holder, LiveSession } from '../../src/sessions/record.ts'
import type { Login, Sessions } from '../../src/sessions/sessions.ts'
import type { Register } from '../../src/sessions/store.ts'
import { formatToken, hashSecret, newSecret, newSessionId, readToken } from '../../src/sessions/token.ts'

/**
 * What is usually built, on the same engines, so that every check can be seen to fail: sessions under keys of their own,
 * written without a condition. `index` lists a user's sessions beside them (better-auth, Kratos, Spring Security);
 * `pointer` names the one that counts, and logs out whoever does not match (devise-security, Laravel).
 */
export type NaiveKind = 'index' | 'pointer'

type Stored = { session: LiveSession; holder: Holder }

export function naiveSessions(
  { register, accounts }: Engines,
  kind: NaiveKind,
  random: (n: number) => Buffer,
): Sessions {
  const keys = store(register)

  return {
    async claim(login) {
      const account = await accounts.raise(login.userId, 0)
      if (account === null) throw new Refusal('invalid_credentials')
      const secret = newSecret(random)
      const session = born(
        login,
        newSessionId(random),
        hashSecret(secret),
        account.epoch,
        register.now(),
      )
      const others = (await keys.get<string[]>(`user:${account.id}`)) ?? []
      const replaced: LiveSession[] = []
      for (const other of others) {
        const stored = await keys.get<Stored>(other)
        if (stored !== null) replaced.push(stored.session)
        if (kind === 'index') await keys.put(other, null)
      }
      await keys.put(session.secretHash, { session, holder: account } satisfies Stored)
      await keys.put(`user:${account.id}`, [session.secretHash])
      const token = formatToken(login.handle, secret)
      return { kind: 'claimed', token, session, holder: account, replaced }
    },

    async find(proof) {
      const stored = await keys.get<Stored>(proof.secretHash)
      if (stored === null || stored.session.expiresAt <= register.now()) return null
      const newest = `user:${stored.holder.id}`
      if (kind === 'pointer' && (await keys.get<string[]>(newest))?.[0] !== proof.secretHash) {
        await keys.put(proof.secretHash, null)
        await keys.put(newest, null)
        return null
      }
      return { state: 'live', ...stored, proof }
    },

    isDue: () => true,

    async extend(found) {
      const { holder, session, proof } = found
      await keys.put(proof.secretHash, {
        holder,
        session: { ...session, lastSeenAt: register.now() },
      } satisfies Stored)
      return found
    },

    async release(proof) {
      const stored = await keys.get<Stored>(proof.secretHash)
      await keys.put(proof.secretHash, null)
      if (stored !== null) await keys.put(`user:${stored.holder.id}`, null)
      return stored !== null
    },

    // No check comes here.
    list: async () => [],
    revoke: async () => [],
    update: (_handle, change) => change(),
    renew: async () => null,
    dispute: async () => null,
    notice: async () => null,
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
    secret: cookie.signer,
    cookie: { path: '/', secure: false },
    store: {
      get(id, done) {
        const proof = readToken(id)
        if (proof === null) return done(null, null)
        sessions.find(proof).then((found) => done(null, found && ({ found } as never)), done)
      },
      set(id, session, done) {
        const { found } = session as never as { found?: Parameters<Sessions['extend']>[0] }
        if (readToken(id) === null || found === undefined) return done()
        sessions.extend(found).then(() => done(), done)
      },
      destroy(id, done) {
        const proof = readToken(id)
        if (proof === null) return done()
        sessions.release(proof, 'logged_out').then(() => done(), done)
      },
    },
  })
}

function born(login: Login, id: string, secretHash: string, epoch: number, now: number): LiveSession {
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
function store(register: Register) {
  return {
    async get<T>(key: string): Promise<T | null> {
      const { text } = await register.read(key)
      return text === null ? null : (JSON.parse(text) as T | null)
    },
    async put(key: string, value: unknown): Promise<void> {
      const next = JSON.stringify(value)
      const keepUntil = register.now() + 3_600_000
      while (!(await register.swap(key, (await register.read(key)).text, next, keepUntil)));
    },
  }
}
