import { availableParallelism } from 'node:os'
import { Value } from '@sinclair/typebox/value'
import { Settings } from '../schemas/settings.ts'

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
      `${name}: ${JSON.stringify(env[name])} cannot be used. ${schema.description} (${hint(schema)})`,
    )
  }
  const settings = Value.Decode(Settings, given)
  checkSecrets(settings.SESSION_SECRET)
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

function checkSecrets(secrets: readonly string[]): void {
  for (const secret of secrets) {
    if (secret.length < 32)
      throw new SettingsError('SESSION_SECRET: each secret needs 32 characters or more.')
    if (new Set(secret).size < 8)
      throw new SettingsError('SESSION_SECRET: this is a placeholder, not a secret.')
  }
}
