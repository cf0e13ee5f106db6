import { availableParallelism } from 'node:os'
import { Value } from '@sinclair/typebox/value'
import { Settings } from '../schemas/settings.ts'
import { readRedisUrl } from './redis-url.ts'

/** A setting that cannot be used: the message names the variable and says what it takes. */
export class SettingsError extends Error {}

/** Reads the settings from an environment, once. Throws `SettingsError` for a value it does not understand. */
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
  checkSecrets(settings.SESSION_SECRET)
  checkEngines(settings)
  checkOrigins(settings.ALLOWED_ORIGINS)
  if (settings.IDLE_TIMEOUT > settings.ABSOLUTE_TIMEOUT) {
    throw new SettingsError('IDLE_TIMEOUT: may not be longer than ABSOLUTE_TIMEOUT.')
  }
  const cores = availableParallelism()
  return Object.freeze({
    ...settings,
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
  if (schema.pattern?.includes('ms|s|m|h|d')) return 'such as 500ms, 30s, 30m, 12h or 7d'
  return `default: ${JSON.stringify(schema.default)}`
}

/** A URL may carry a password, and a setting that is refused ends up in a log. */
function shown(name: string, value: string | undefined): string {
  return name.endsWith('_URL') ? 'this URL' : JSON.stringify(value)
}

function checkEngines({ DATABASE_URL, REDIS_URL, SESSION_SECRET }: Settings): void {
  if (REDIS_URL !== '' && readRedisUrl(REDIS_URL) === null) {
    throw new SettingsError(
      `REDIS_URL: this URL cannot be used. ${Settings.properties.REDIS_URL.description}`,
    )
  }
  if (!DATABASE_URL.startsWith('file:') && SESSION_SECRET.length === 0) {
    throw new SettingsError(
      'SESSION_SECRET: needed with PostgreSQL, where every instance must sign with the same secret.',
    )
  }
}

function checkSecrets(secrets: readonly string[]): void {
  for (const secret of secrets) {
    if (secret.length < 32)
      throw new SettingsError('SESSION_SECRET: each secret needs 32 characters or more.')
    if (new Set(secret).size < 8)
      throw new SettingsError('SESSION_SECRET: this is a placeholder, not a secret.')
  }
}

/** Browsers send an origin in one form only: another form in the list would never match, and nobody would know why. */
function checkOrigins(origins: readonly string[]): void {
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new SettingsError(
        `ALLOWED_ORIGINS: ${origin} is no origin: write scheme and host, in lower case, and the port if it is not the usual one.`,
      )
  }
}
