import { Refusal } from '../errors.ts'
import { SettingsError } from '../settings.ts'

/** The arguments do not say what to do. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** The person at the terminal chose not to go on. */
export class GaveUp extends Error {
  override name = 'GaveUp'
}

/** What went wrong, for the person who typed the command; only a bug shows where in the code. */
export function explainToPerson(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\nTry: npm run users -- --help`
  if (error instanceof GaveUp || error instanceof SettingsError) return error.message
  if (error instanceof Refusal) return explainRefusal(error)
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  return code !== undefined && FROM_OUTSIDE.test(code) ? error.message : (error.stack ?? error.message)
}

function explainRefusal({ code, cause, members, message }: Refusal): string {
  if (code === 'store_unavailable') return `the database does not answer: ${explainToPerson(cause)}`
  const [field] = (members['errors'] ?? []) as { path: string; message: string }[]
  return field === undefined ? message : `${field.path.slice(1)} ${field.message}`
}

/** What the system or the database says, such as EACCES; not Node's own ERR_…, which are bugs of ours. */
const FROM_OUTSIDE = /^(E[A-Z0-9]+|SQLITE_\w+)$/
