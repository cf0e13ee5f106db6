import { randomBytes } from 'node:crypto'
import type { Settings } from '../schemas/settings.ts'
import { onlineUsers } from './accounts/online.ts'
import { openPasswords } from './accounts/passwords.ts'
import { verifyWith } from './accounts/sign-in.ts'
import { signUpWith } from './accounts/sign-up.ts'
import type { Parts } from './app.ts'
import type { Engines } from './database/engines.ts'
import { sessionCookie } from './fastify/cookie.ts'
import type { App } from './http/types.ts'
import { openMetrics } from './metrics/metrics.ts'
import { keepSessions } from './sessions/create-sessions.ts'
import { seatPolicies } from './settings/session-limits.ts'
import { deviceCookie } from './throttle/device-cookie.ts'
import { limitRegistrations, unlimitedRegistrations } from './throttle/registrations.ts'
import { throttleWith, unthrottled } from './throttle/throttle.ts'
import { auditRunOut, auditTo } from './timeline/audit.ts'

/** Puts the rules on top of the engines, as the settings say. */
export function assembleParts(app: App, settings: Settings, engines: Engines): Parts {
  const { accounts, register, notices, timeline, counters, secrets } = engines
  const passwords = openPasswords({
    memoryKib: settings.ARGON2_MEMORY_KIB,
    passes: settings.ARGON2_PASSES,
    concurrency: settings.HASH_CONCURRENCY,
    queue: HASH_QUEUE,
  })
  const metrics = openMetrics({
    answerTimes: app.answerTimes,
    hashes: passwords.counts,
  })
  const audit = auditTo(timeline, metrics, Date.now)
  const sessions = keepSessions(register, accounts, {
    idleTimeout: settings.IDLE_TIMEOUT,
    absoluteTimeout: settings.ABSOLUTE_TIMEOUT,
    policyFor: seatPolicies(settings),
    random: randomBytes,
    onEnded: notices.publish,
    onUnreadable: (handle) =>
      app.log.error({ event: 'unreadable_record', handle }, 'a session record was unreadable'),
    onRanOut: auditRunOut(audit, app.log),
  })
  const cookie = sessionCookie(secrets, settings.COOKIE_SECURE)
  return {
    accounts,
    sessions,
    online: onlineUsers(accounts, sessions, settings.ABSOLUTE_TIMEOUT, () => register.now()),
    notices,
    metrics,
    timeline,
    audit,
    passwords,
    verify: verifyWith(accounts, passwords, (userId, why) =>
      app.log.error({ event: 'unreadable_hash', userId, why }, 'a password hash was unreadable'),
    ),
    clock: Date.now,
    signUp: signUpWith(accounts, passwords, randomBytes, Date.now),
    cookie,
    device: deviceCookie(secrets, cookie, Date.now),
    throttle: settings.THROTTLE === 'off' ? unthrottled : throttleWith(counters, secrets[0] ?? ''),
    registrationLimit:
      settings.THROTTLE === 'off'
        ? unlimitedRegistrations
        : limitRegistrations(counters, secrets[0] ?? ''),
    signupOpen: settings.SIGNUP === 'open',
    allowedOrigins: settings.ALLOWED_ORIGINS,
    ready: async () => {
      await Promise.all([accounts.ping(), register.ping()])
    },
  }
}

/** Logins that may wait for a hash; at 25 ms each, the last one waits some two seconds. */
const HASH_QUEUE = 64
