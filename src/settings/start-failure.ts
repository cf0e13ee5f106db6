import { SessionsRefusal } from '../sessions/refusal.ts'

/** Something outside of the program prevents the start. The message says what, in words for people. */
export class StartFailure extends Error {}

/** Said to whoever only reads, where there is nothing to read. */
export const NOT_MADE =
  'there is no database of this version yet. The first start of the service makes it, and so does the first account.'

/**
 * Runs `work` for a setting. An error of the system or of a database becomes a `StartFailure` that names the setting; a bug is
 * thrown as it is.
 */
export async function namingSetting<T>(setting: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const said = error instanceof StartFailure ? error.message : saidOutside(error)
    throw said === null ? error : new StartFailure(`${setting}: ${said}`, { cause: error })
  }
}

/** The message of the system or of a database; null if the error is a bug of ours. */
export function saidOutside(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if (error instanceof SessionsRefusal && error.code === 'store_unavailable') {
    return error.cause instanceof Error ? (saidOutside(error.cause) ?? error.cause.message) : null
  }
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined || !FROM_OUTSIDE.test(code)) return null
  if (DAMAGED.test(code)) return `${error.message}. ${PUT_BACK}`
  // A host with several addresses gives an error for each of them.
  return error instanceof AggregateError
    ? error.errors.map(({ message }: Error) => message).join(', ')
    : error.message
}

/** Such as EACCES, SQLITE_FULL, or PostgreSQL's 28P01; not Node's own ERR_…, which are bugs of ours. */
const FROM_OUTSIDE = /^(E[A-Z0-9]+|SQLITE_\w+|[A-Z0-9]{5})$/

const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/
const PUT_BACK =
  'This file is damaged, or is no SQLite database. Put back a backup, and delete the files beside it whose names end in -wal and -shm: they do not belong to it.'
