import { distance } from 'fastest-levenshtein'
import { Settings } from '../../schemas/settings.ts'

/**
 * What in an environment looks like a setting but is none, as sentences for the person who starts: a misspelt `REDIS_URL`
 * would keep sessions elsewhere, and nobody would know. Nothing about a setting that is there in its right name as well.
 */
export function misspeltSettings(env: Record<string, string | undefined>): string[] {
  return Object.keys(env).flatMap((name) => {
    if (NAMES.includes(name) || isBlank(env[name])) return []
    const meant = NAMES.find((each) => isBlank(env[each]) && isNear(name, each))
    return meant === undefined ? [] : [`${name} is no setting. Did you mean ${meant}?`]
  })
}

/** Points them out to the person who starts `program`, a line each. */
export function pointOutMisspelt(
  program: string,
  env: Record<string, string | undefined>,
  out: NodeJS.WritableStream,
): void {
  for (const line of misspeltSettings(env)) out.write(`${program}: ${line}\n`)
}

/** Settings that are empty are as if they were not there. */
function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === ''
}

/** Short names are too near to too much: `PORT` to `SORT`. And a secret is meant for nothing that is none. */
function isNear(name: string, setting: string): boolean {
  if (SECRET.test(name) !== SECRET.test(setting)) return false
  const allowed = setting.length < 6 ? 0 : setting.length < 9 ? 1 : 2
  return distance(name.toUpperCase(), setting) <= allowed
}

const SECRET = /secret/i
const NAMES = Object.keys(Settings.properties)
