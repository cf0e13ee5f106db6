import type { Cluster, Redis } from 'ioredis'
import { Refusal } from '../../src/errors.ts'
import type { LoginNumbers } from '../../src/sessions/numbers.ts'
import type { Live, Sessions } from '../../src/sessions/sessions.ts'
import {
  formatToken,
  hashSecret,
  newSecret,
  newSessionId,
  type RandomBytes,
  readToken,
} from '../../src/sessions/token.ts'

type Timeouts = { idleTimeout: number; absoluteTimeout: number }

/**
 * One session per user as it is usually built: a key for each session, an index of the user's sessions beside it, and one
 * command after the other. Here so that the history test can be seen to fail.
 */
export function naiveSessions(
  redis: Redis | Cluster,
  numbers: LoginNumbers,
  random: RandomBytes,
  { idleTimeout, absoluteTimeout }: Timeouts,
): Pick<Sessions, 'claim' | 'find' | 'isDue' | 'extend' | 'release'> {
  const load = async (secretHash: string): Promise<Live | null> => {
    const text = await redis.get(`session:${secretHash}`)
    return text === null ? null : (JSON.parse(text) as Live)
  }
  const save = async (live: Live): Promise<void> => {
    await redis.set(`session:${live.key.secretHash}`, JSON.stringify(live), 'PX', idleTimeout)
  }

  return {
    async claim(login) {
      const handle = login.handle ?? ''
      const user = await numbers.find({ handle })
      if (user === null) throw new Refusal('invalid_credentials')
      const [secret, now] = [newSecret(random), Date.now()]
      const secretHash = hashSecret('', secret)
      const session = {
        id: newSessionId(random),
        secretHash,
        epoch: 0,
        device: login.device,
        ip: login.ip,
        createdAt: now,
        lastSeenAt: now,
        idleExpiresAt: now + idleTimeout,
        expiresAt: now + absoluteTimeout,
      }
      for (const other of await redis.smembers(`user:${user.id}`)) {
        await redis.del(`session:${other}`)
        await redis.srem(`user:${user.id}`, other)
      }
      await save({ state: 'live', session, user, key: { handle, secretHash } })
      await redis.sadd(`user:${user.id}`, secretHash)
      return { kind: 'claimed', token: formatToken(handle, secret), session, user, replaced: [] }
    },

    async find(token) {
      const live = await load(hashSecret('', readToken(token)?.secret ?? ''))
      return live === null || live.session.expiresAt <= Date.now() ? null : live
    },

    isDue: () => true,

    async extend(live) {
      await save({ ...live, session: { ...live.session, lastSeenAt: Date.now() } })
      return live
    },

    async release(key) {
      return (await redis.del(`session:${key.secretHash}`)) === 1
    },
  }
}
