import { Refusal, refusalOf } from '../errors.ts'
import { SessionsRefusal } from '../sessions/refusal.ts'
import { SettingsError } from '../settings/settings.ts'
import { StartFailure, saidOutside } from '../settings/start-failure.ts'

/** The arguments of a command are wrong. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** The command cannot go on, or the person at the terminal stopped it. */
export class GaveUp extends Error {
  override name = 'GaveUp'
}

/**
 * Explains an error to the person who ran the command or started the program. Only a bug is shown with its stack. `help` is the
 * command that shows the usage.
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

/** The text as one line. Control characters and invisible characters are written as their numbers. */
export function showPlainly(text: string): string {
  const plain = text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
  )
  return plain.length > LINE ? `${plain.slice(0, LINE)}…` : plain
}

const LINE = 300
