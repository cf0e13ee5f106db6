import { Refusal, refusalOf } from '../errors.ts'
import { SessionsRefusal } from '../sessions/refusal.ts'
import { SettingsError } from '../settings/settings.ts'
import { StartFailure, saidOutside } from '../settings/start-failure.ts'

/** The arguments do not say what to do. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** The person at the terminal chose not to go on. */
export class GaveUp extends Error {
  override name = 'GaveUp'
}

/**
 * What went wrong, for the person who typed the command or started the program; only a bug shows where in the code. `help` is
 * the command that shows how it is used.
 */
export function explainToPerson(error: unknown, help = 'npm run users -- --help'): string {
  if (error instanceof UsageError) return `${error.message}\nTry: ${help}`
  if (error instanceof GaveUp || error instanceof SettingsError || error instanceof StartFailure)
    return error.message
  if (error instanceof SessionsRefusal) return explainOutage(error)
  if (error instanceof Refusal) return explainRefusal(error)
  if (!(error instanceof Error)) return String(error)
  return saidOutside(error) ?? error.stack ?? error.message
}

function explainOutage(error: SessionsRefusal): string {
  const outside = saidOutside(error)
  if (outside === null) return refusalOf(error).message
  return `${error.server ?? 'the database'} does not answer: ${outside}`
}

function explainRefusal(refusal: Refusal): string {
  const [field] = (refusal.members['errors'] ?? []) as { path: string; message: string }[]
  return field === undefined ? refusal.message : `${field.path.slice(1)} ${field.message}`
}

/** One line in which characters that a terminal would obey, or that nobody sees, are written as their numbers. */
export function showPlainly(text: string): string {
  const plain = text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
  )
  return plain.length > LINE ? `${plain.slice(0, LINE)}…` : plain
}

const LINE = 300
