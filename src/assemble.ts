import { randomBytes } from 'node:crypto'
import type { Settings } from '../schemas/settings.ts'
import { addressesWith } from './accounts/addresses.ts'
import { forgetRest } from './accounts/forget-user.ts'
import { invitationsWith } from './accounts/invitations.ts'
import { linksWith, type Pages } from './accounts/links.ts'
import { onlineUsers } from './accounts/online.ts'
import { openPasswords } from './accounts/passwords.ts'
import { removalWith } from './accounts/removal.ts'
import { resetsWith } from './accounts/resets.ts'
import { verifyWith } from './accounts/sign-in.ts'
import { signUpWith } from './accounts/sign-up.ts'
import { sqlExternalUsers } from './accounts/sql-external-users.ts'
import type { Engines } from './database/engines.ts'
import { tokenReader } from './fastify/bearer.ts'
import { completeChangesEverySecond } from './fastify/complete-changes.ts'
import { sessionCookie } from './fastify/cookie.ts'
import { challengeFor } from './fastify/guard.ts'
import type { App } from './http/types.ts'
import { keyReader } from './keys/require-key.ts'
import { deliverMail } from './mail/deliver-mail.ts'
import { openPost } from './mail/transport.ts'
import { openMetrics } from './metrics/metrics.ts'
import { watchDeliveries } from './outbox/watch-deliveries.ts'
import { webhookTo } from './outbox/webhook.ts'
import type { Parts } from './routes/parts.ts'
import { createSessions } from './sessions/create-sessions.ts'
import { type LimitPolicy, limitPolicies } from './sessions/options.ts'
import type { SessionStore } from './sessions/store.ts'
import { NO_COUNTERS } from './throttle/counters.ts'
import { deviceCookie } from './throttle/device-cookie.ts'
import { LIMITS } from './throttle/limits.ts'
import { limitMails } from './throttle/mail-limits.ts'
import { perNetwork } from './throttle/per-network.ts'
import { limitRegistrations } from './throttle/registrations.ts'
import { freeDeviceWith, throttleWith, unthrottled } from './throttle/throttle.ts'
import { limitTokens } from './throttle/token-limit.ts'
import { auditExpired, auditTo } from './timeline/audit.ts'
import { auditedChanges } from './timeline/audited-changes.ts'

/** Makes the parts that routes need out of the engines, as the settings say. */
export function assembleParts(app: App, settings: Settings, engines: Engines): Parts {
  const { db, numbers, accounts, store, notices, timeline, outbox, secrets, keys, answers } = engines
  const isExternal = settings.ACCOUNTS === 'external'
  const isUnlimited = settings.THROTTLE === 'off'
  const counters = isUnlimited ? NO_COUNTERS : engines.counters
  const [secret = ''] = secrets
  const publicUrl = settings.PUBLIC_URL === '' ? null : settings.PUBLIC_URL.replace(/\/$/, '')
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
  const { WEBHOOK_URL: url, WEBHOOK_SECRET } = settings
  if (url !== '') outbox.deliver.webhook = webhookTo({ url, secret: WEBHOOK_SECRET, clock: Date.now })
  app.addHook('onListen', async () => outbox.start(watchDeliveries({ log: app.log, metrics })))
  const clock = clockOf(store)
  const audit = auditTo(timeline, metrics, clock)
  const sessions = createSessions({
    store,
    numbers: numbers.numbers,
    changes: auditedChanges({ db, numbers, timeline, metrics, log: app.log }),
    histories: numbers.histories,
    secrets,
    idleTimeout: settings.IDLE_TIMEOUT,
    absoluteTimeout: settings.ABSOLUTE_TIMEOUT,
    policyFor: limitPolicies(usualPolicy(settings), settings.SESSION_LIMIT_BY_ROLE.map(toLimit)),
    ...(settings.KICK_WAR_LIMIT === 0 ? {} : { kickWarLimit: settings.KICK_WAR_LIMIT }),
    onEnded: notices.publish,
    onUnreadable: (handle) =>
      app.log.error({ event: 'unreadable_record', handle }, 'a session record was unreadable'),
    onExpired: auditExpired(audit, app.log),
  })
  app.addHook('onClose', completeChangesEverySecond(sessions))
  const makeLink = linksWith(pagesOf(settings), randomBytes, clock)
  const resets = resetsWith({ accounts, sessions, passwords, makeLink, clock })
  const post =
    settings.MAIL_URL === '' ? null : openPost({ url: settings.MAIL_URL, from: settings.MAIL_FROM })
  outbox.deliver.mail = deliverMail({
    post,
    answerForgotten: resets.answer,
    forgetRest: (userId, signal) => forgetRest(db, outbox, userId, signal),
  })
  app.addHook('onClose', async () => post?.close())
  const externalUsers = sqlExternalUsers(db, numbers, outbox)
  const cookie = sessionCookie({
    secrets,
    name: settings.COOKIE_NAME,
    secure: settings.COOKIE_SECURE,
    sameSite: settings.COOKIE_SAMESITE,
    domain: settings.COOKIE_DOMAIN === '' ? null : settings.COOKIE_DOMAIN,
  })
  return {
    accounts,
    sessions,
    online: onlineUsers(accounts, sessions, clock),
    notices,
    metrics,
    timeline,
    audit,
    passwords,
    verify: verifyWith(accounts, passwords, (userId, why) =>
      app.log.error({ event: 'unreadable_hash', userId, why }, 'a password hash was unreadable'),
    ),
    absoluteTimeout: settings.ABSOLUTE_TIMEOUT,
    signUp: signUpWith(accounts, passwords, randomBytes, clock),
    cookie,
    readToken: tokenReader(cookie),
    challenge: challengeFor(isExternal ? null : loginPath(publicUrl)),
    readKey: keyReader(keys, cookie, perNetwork(counters, secret, 'key', LIMITS.key).count),
    answers,
    isExternal,
    externalUsers,
    removeExternal: removalWith(externalUsers.delete, sessions, timeline, clock),
    device: deviceCookie(secrets, cookie, Date.now),
    throttle: isUnlimited ? unthrottled : throttleWith(counters, secret),
    freeDevice: freeDeviceWith(counters, secret),
    registrationLimit: limitRegistrations(counters, secret),
    resets,
    addresses: addressesWith({ accounts, sessions, makeLink }),
    invitations: invitationsWith(accounts, makeLink),
    remove: removalWith(accounts.delete, sessions, timeline, clock),
    mailLimits: limitMails(counters, secret),
    tokenLimit: limitTokens(counters, secret),
    signupOpen: settings.SIGNUP === 'open',
    changePasswordUrl: settings.CHANGE_PASSWORD_URL,
    allowedOrigins:
      publicUrl === null
        ? settings.ALLOWED_ORIGINS
        : [...settings.ALLOWED_ORIGINS, new URL(publicUrl).origin],
    publicUrl,
    now: clock,
    ready: async () => {
      await Promise.all([accounts.ping(), store.ping()])
    },
  }
}

function usualPolicy({
  SESSION_LIMIT: limit,
  ON_LIMIT: onLimit,
  REFUSE_WHILE_SEEN,
}: Settings): LimitPolicy {
  return { limit, onLimit, refuseWhileSeen: REFUSE_WHILE_SEEN }
}

function toLimit(text: string): [role: string, limit: number] {
  const [role = '', limit] = text.split(':')
  return [role, Number(limit)]
}

function loginPath(publicUrl: string | null): string {
  return publicUrl === null ? '/login' : `${new URL(publicUrl).pathname.replace(/\/$/, '')}/login`
}

function pagesOf({ RESET_URL, CONFIRM_URL, INVITE_URL }: Settings): Pages {
  return { reset: RESET_URL, confirm: CONFIRM_URL, invitation: INVITE_URL }
}

/** The clock for sessions and the events about them: that of the store, or this machine's until Redis has answered once. */
function clockOf(store: SessionStore): () => number {
  return () => {
    try {
      return store.now()
    } catch {
      return Date.now()
    }
  }
}

/** How many logins may wait for a password hash. At 25 ms each the last one waits some two seconds. */
const HASH_QUEUE = 64
