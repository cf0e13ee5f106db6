import { availableParallelism } from 'node:os'
import { Value } from '@sinclair/typebox/value'
import ipaddr from 'ipaddr.js'
import { Settings } from '../../schemas/settings.ts'
import { webhookSecretProblem, webhookUrlProblem } from '../outbox/webhook.ts'
import { originProblem } from './allowed-origins.ts'
import { cookieReachProblem } from './cookie-reach.ts'
import { databaseUrlProblem } from './database-url.ts'
import { readRedisUrl } from './redis-url.ts'

/** A setting with a bad value. The message names the variable and says which values are possible. */
export class SettingsError extends Error {}

/** Reads the settings from an environment. Throws `SettingsError` for a bad value. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const given: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(Settings.properties)) {
    const text = env[name]?.trim()
    given[name] =
      text === undefined || text === ''
        ? schema.default
        : schema.type === 'integer'
          ? toInteger(text)
          : text
  }
  for (const error of Value.Errors(Settings, given)) {
    const name = error.path.slice(1)
    const schema = Settings.properties[name as keyof Settings]
    throw new SettingsError(
      `${name}: ${shown(name, env[name])} cannot be used. ${schema.description} (${hint(schema)})`,
    )
  }
  const settings = Value.Decode(Settings, given)
  checkDurations(settings)
  checkSecrets(settings.SESSION_SECRET)
  checkEngines(settings)
  checkOrigins(settings)
  checkProxies(settings.TRUST_PROXY)
  checkWebhook(settings)
  checkMail(settings)
  checkPages(settings)
  const reach = cookieReachProblem(settings)
  if (reach !== null) throw new SettingsError(reach)
  const { ABSOLUTE_TIMEOUT } = settings
  const isIdleGiven = given['IDLE_TIMEOUT'] !== Settings.properties.IDLE_TIMEOUT.default
  if (isIdleGiven && settings.IDLE_TIMEOUT > ABSOLUTE_TIMEOUT) {
    throw new SettingsError('IDLE_TIMEOUT: may not be longer than ABSOLUTE_TIMEOUT.')
  }
  const isLimitGiven = (env['KICK_WAR_LIMIT'] ?? '').trim() !== ''
  const cores = availableParallelism()
  return Object.freeze({
    ...settings,
    IDLE_TIMEOUT: Math.min(settings.IDLE_TIMEOUT, ABSOLUTE_TIMEOUT),
    KICK_WAR_LIMIT: settings.THROTTLE === 'off' && !isLimitGiven ? 0 : settings.KICK_WAR_LIMIT,
    HASH_CONCURRENCY: settings.HASH_CONCURRENCY || Math.max(1, cores - 1),
  })
}

function toInteger(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

function hint(schema: (typeof Settings.properties)[keyof Settings]): string {
  const choices = schema['anyOf'] as { const: string }[] | undefined
  if (choices !== undefined) return `one of ${choices.map((choice) => choice.const).join(', ')}`
  if (schema.type === 'integer')
    return `a whole number from ${schema['minimum']} to ${schema['maximum']}`
  if (isDuration(schema)) return 'such as 500ms, 30s, 30m, 12h or 7d'
  return `default: ${JSON.stringify(schema.default)}`
}

function isDuration(schema: (typeof Settings.properties)[keyof Settings]): boolean {
  return String(schema['pattern']).includes('ms|s|m|h|d')
}

/** A duration that is added to today has to give a valid date. */
function checkDurations(settings: Settings): void {
  for (const [name, schema] of Object.entries(Settings.properties)) {
    if (isDuration(schema) && Number(settings[name as keyof Settings]) > TEN_YEARS)
      throw new SettingsError(`${name}: may not be longer than 3650d.`)
  }
}

/** Shows the given value, unless it may contain a secret, which must not get to a screen or a log. */
function shown(name: string, value = ''): string {
  return /SECRET|_URL/.test(name) || value.length > 24 ? 'the value' : JSON.stringify(value)
}

function checkEngines({ DATABASE_URL, REDIS_URL, SESSION_SECRET }: Settings): void {
  if (REDIS_URL !== '' && readRedisUrl(REDIS_URL) === null) {
    throw new SettingsError(
      `REDIS_URL: this URL cannot be used. In names and passwords, percent-encode everything but letters and digits. ${Settings.properties.REDIS_URL.description}`,
    )
  }
  const problem = databaseUrlProblem(DATABASE_URL)
  if (problem !== null) throw new SettingsError(`DATABASE_URL: ${problem}`)
  if (!DATABASE_URL.startsWith('file:') && SESSION_SECRET.length === 0) {
    throw new SettingsError(
      'SESSION_SECRET: needed with PostgreSQL, because all instances need the same secret.',
    )
  }
}

function checkSecrets(secrets: readonly string[]): void {
  for (const secret of secrets) {
    if (secret.length < 32)
      throw new SettingsError('SESSION_SECRET: each secret needs 32 characters or more.')
    if (new Set(secret).size < 8 || PLACEHOLDER.test(secret))
      throw new SettingsError('SESSION_SECRET: this is a placeholder, not a secret.')
  }
}

function checkOrigins({ ALLOWED_ORIGINS, COOKIE_SECURE }: Settings): void {
  for (const origin of ALLOWED_ORIGINS) {
    const problem = originProblem(origin)
    if (problem !== null) throw new SettingsError(`ALLOWED_ORIGINS: ${problem}`)
    if (COOKIE_SECURE === 'true' && origin.startsWith('http:'))
      throw new SettingsError(
        `ALLOWED_ORIGINS: the pages of ${origin} are plain HTTP, but with COOKIE_SECURE=true the cookie is for HTTPS only.`,
      )
  }
}

/** A number of hops, or every address, would let any client choose its own address. */
function checkProxies(proxies: readonly string[]): void {
  for (const proxy of proxies) {
    const network = ipaddr.isValidCIDR(proxy) ? ipaddr.parseCIDR(proxy)[1] : null
    if (network === 0 || (network === null && !ipaddr.isValid(proxy)) || /^\d+$/.test(proxy))
      throw new SettingsError(
        `TRUST_PROXY: ${proxy} is neither the address of a proxy nor a network (CIDR) of proxies.`,
      )
  }
}

/** Webhooks are always signed: otherwise the receiver could not tell who sent them. */
function checkWebhook({ WEBHOOK_URL, WEBHOOK_SECRET }: Settings): void {
  if (WEBHOOK_URL === '') return
  const url = webhookUrlProblem(WEBHOOK_URL)
  if (url !== null) throw new SettingsError(`WEBHOOK_URL: ${url}`)
  const secret = webhookSecretProblem(WEBHOOK_SECRET)
  if (secret !== null) throw new SettingsError(`WEBHOOK_SECRET: ${secret}`)
}

function checkMail({ MAIL_URL, MAIL_FROM }: Settings): void {
  if (MAIL_URL !== '' && !URL.canParse(MAIL_URL))
    throw new SettingsError(
      'MAIL_URL: this is not a URL. In names and passwords, percent-encode everything but letters and digits.',
    )
  if (MAIL_URL !== '' && MAIL_FROM === '')
    throw new SettingsError('MAIL_URL: MAIL_FROM is needed too, the sender of the mails.')
}

/** URLs that people are sent to have to be valid. */
function checkPages(settings: Settings): void {
  for (const name of ['RESET_URL', 'CONFIRM_URL', 'INVITE_URL', 'CHANGE_PASSWORD_URL'] as const) {
    const url = settings[name].replaceAll('{token}', 'token')
    if (url !== '' && !URL.canParse(url))
      throw new SettingsError(`${name}: this is not a URL. ${Settings.properties[name].description}`)
  }
}

const TEN_YEARS = 3650 * 24 * 60 * 60 * 1000
const PLACEHOLDER = /change.?(me|this|it)|placeholder|your.{0,10}secret|insert.{0,10}here/i
