import { distance } from 'fastest-levenshtein'
import { Settings } from '../../schemas/settings.ts'

/**
 * Finds names in an environment that look like a misspelt setting, and says so in sentences. With a misspelt `REDIS_URL` sessions
 * would be stored elsewhere, and nobody would notice. It says nothing if the right name is set as well.
 */
export function misspeltSettings(env: Record<string, string | undefined>): string[] {
  return Object.keys(env).flatMap((name) => {
    if (NAMES.includes(name) || isBlank(env[name])) return []
    const meant = NAMES.find((each) => isBlank(env[each]) && isNear(name, each))
    return meant === undefined ? [] : [`${name} is no setting. Did you mean ${meant}?`]
  })
}

/** Prints these sentences for the person who starts `program`, a line each. */
export function pointOutMisspelt(
  program: string,
  env: Record<string, string | undefined>,
  out: NodeJS.WritableStream,
): void {
  for (const line of misspeltSettings(env)) out.write(`${program}: ${line}\n`)
}

/** An empty setting counts as unset. */
function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === ''
}

/**
 * Whether a name looks like a setting. Short names look like too many others: `PORT` and `SORT`. A secret is not compared with
 * other settings.
 */
function isNear(name: string, setting: string): boolean {
  if (SECRET.test(name) !== SECRET.test(setting)) return false
  const allowed = setting.length < 6 ? 0 : setting.length < 9 ? 1 : 2
  return distance(name.toUpperCase(), setting) <= allowed
}

const SECRET = /secret/i
const NAMES = Object.keys(Settings.properties)
