import { readFileSync, statSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { Settings } from '../../schemas/settings.ts'
import { SettingsError } from './settings.ts'

/**
 * Reads the file `.env` of the current directory, if there is one, into `env`; values that are set already stay. Throws
 * `SettingsError` if the file is not text, or if a setting would lose a part of its value.
 */
export function loadDotEnv(env: Record<string, string | undefined>): void {
  if (!statSync('.env', { throwIfNoEntry: false })?.isFile()) return
  const text = decode(readFileSync('.env'))
  const given = parseEnv(text)
  refuseCutValues(text, given)
  for (const [name, value] of Object.entries(given)) env[name] ??= value
}

/** Decodes UTF-8 without the byte order mark, which would become part of a name. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new SettingsError('.env: this file is not text in UTF-8.')
  }
}

/**
 * Node.js ends a value at a `#`, even in the middle of a password, and keeps a quote that is not closed. Programs that read such
 * files do not agree on this, so these values are refused. A `#` after a space begins a comment for all of them.
 */
function refuseCutValues(text: string, given: NodeJS.Dict<string>): void {
  // If a `#` is part of a value, replacing it by another character changes nothing else.
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

/** If several lines set a name, the last one counts. */
function place(text: string, name: string): string {
  const isAbout = new RegExp(`^\\s*(export\\s+)?${name}\\s*=`)
  return `.env, line ${text.split('\n').findLastIndex((line) => isAbout.test(line)) + 1}: ${name}`
}

/** A character for private use, which no file contains. */
const STAND_IN = '\ue000'
