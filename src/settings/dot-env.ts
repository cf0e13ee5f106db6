import { readFileSync, statSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { Settings } from '../../schemas/settings.ts'
import { SettingsError } from './settings.ts'

/**
 * Puts what is in the file `.env` of the current directory, if there is one, into `env`; what is set there stays. Throws
 * `SettingsError` if it is not text, or if a setting would lose a part of its value.
 */
export function loadDotEnv(env: Record<string, string | undefined>): void {
  if (!statSync('.env', { throwIfNoEntry: false })?.isFile()) return
  const text = decode(readFileSync('.env'))
  const given = parseEnv(text)
  refuseCutValues(text, given)
  for (const [name, value] of Object.entries(given)) env[name] ??= value
}

/** Leaves out a byte order mark, which would be taken for the first letter of a name. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new SettingsError('.env: this file is not text in UTF-8.')
  }
}

/**
 * Node.js ends a value at a `#`, also in the middle of a password, and keeps a quote that is not closed. Programs that read
 * such files do not agree about either, so it is not for us to guess what is meant. A `#` after a space begins a comment for all
 * of them.
 */
function refuseCutValues(text: string, given: NodeJS.Dict<string>): void {
  // Where a `#` belongs to a value, another sign in its place changes nothing else.
  const whole = parseEnv(text.replace(/(?<=[^\s#])#/g, STAND_IN))
  for (const name of Object.keys(Settings.properties)) {
    const value = given[name] ?? ''
    if (whole[name]?.replaceAll(STAND_IN, '#') !== given[name])
      throw new SettingsError(
        `${place(text, name)} has a # in its value, which is not in quotes. Put the value in quotes, or a space before the # if a comment begins there.`,
      )
    if (/^["'`]/.test(value))
      throw new SettingsError(`${place(text, name)} has a value whose quotes are not closed.`)
  }
}

/** Of several lines for one name the last one counts. */
function place(text: string, name: string): string {
  const isAbout = new RegExp(`^\\s*(export\\s+)?${name}\\s*=`)
  return `.env, line ${text.split('\n').findLastIndex((line) => isAbout.test(line)) + 1}: ${name}`
}

/** A character for private use, which no text has. */
const STAND_IN = '\ue000'
