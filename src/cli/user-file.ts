import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { parse } from 'csv-parse/sync'
import { Roles } from '../../schemas/user.ts'
import { refuseNewName } from '../accounts/name-profile.ts'
import { skeletonOf } from '../accounts/skeleton.ts'
import { refuseHash } from '../accounts/stored-hash.ts'
import { canonicalUsername, USERNAME_RULE } from '../accounts/username.ts'
import { UsageError } from './explain.ts'

/** A user from another system, and their line in the file. */
export type ImportedUser = {
  line: number
  username: string
  passwordHash: string
  roles: readonly string[]
}

/** What is wrong with a line. */
export type BadLine = { line: number; problem: string }

export type UserFile = { users: ImportedUser[]; bad: BadLine[] }

/**
 * Reads users from JSON lines, or from CSV with a header: `username`, `passwordHash`, and `roles` (in CSV separated by spaces,
 * commas or semicolons). Reports each line whose user could not sign in, with its number. Throws `UsageError` if the whole file
 * has another format.
 */
export function readUserFile(text: string, format: 'csv' | 'jsonl'): UserFile {
  const file: UserFile = { users: [], bad: [] }
  const earlier = new Map<string, ImportedUser>()
  const read = format === 'csv' ? readCsv : readJsonLines
  for (const { line, value, problem } of read(text)) {
    const user = problem === undefined ? readUser(value) : problem
    if (typeof user === 'string') {
      file.bad.push({ line, problem: user })
      continue
    }
    const skeleton = skeletonOf(user.username)
    const first = earlier.get(skeleton)
    if (first !== undefined) {
      const likeness = first.username === user.username ? 'is' : `looks like ${first.username}`
      file.bad.push({ line, problem: `${user.username} ${likeness} on line ${first.line} already` })
      continue
    }
    earlier.set(skeleton, { line, ...user })
    file.users.push({ line, ...user })
  }
  return file
}

/** The text of the file; throws `UsageError` if it is not UTF-8. */
export function decodeText(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError(`${name} is not text in UTF-8`)
  }
}

type Line = { line: number; value?: unknown; problem?: string }

function* readJsonLines(text: string): Generator<Line> {
  for (const [index, row] of text.split(/\r?\n/).entries()) {
    if (row.trim() === '') continue
    const line = index + 1
    try {
      yield { line, value: JSON.parse(row) }
    } catch {
      yield { line, problem: 'this is not JSON' }
    }
  }
}

function* readCsv(text: string): Generator<Line> {
  checkHeader(text)
  const bad: Line[] = []
  const rows = parse(text, {
    columns: true,
    info: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_skip: (error) => {
      const problem = `this is not CSV: ${error?.message} (a value with commas has to be in quotes)`
      bad.push({ line: Number(error?.['lines'] ?? 1), problem })
    },
  }) as unknown as Row[]
  for (const { info, record } of rows) {
    const { roles, ...rest } = record
    const value = roles === undefined ? rest : { ...rest, roles: roles.split(/[\s,;]+/).filter(Boolean) }
    yield { line: info.lines, value }
  }
  yield* bad
}

type Row = { info: { lines: number }; record: Record<string, string> }

/** Checks the header. Without the required columns every line would be bad, and none would say why. */
function checkHeader(text: string): void {
  const header = /^\s*(.*)/.exec(text)?.[1] ?? ''
  for (const [sign, name] of SEPARATORS) {
    if (!header.includes(',') && header.includes(sign)) {
      throw new UsageError(`the columns of this file are separated by ${name}; save it with commas`)
    }
  }
  for (const column of ['username', 'passwordHash']) {
    const isThere = header.split(',').some((cell) => cell === column || cell === `"${column}"`)
    if (!isThere) throw new UsageError(`the header of this file has no column ${column}`)
  }
}

const SEPARATORS = [
  [';', 'semicolons'],
  ['\t', 'tabs'],
  ['|', 'bars'],
] as const

/** The user, or what is wrong with them. */
function readUser(value: unknown): Omit<ImportedUser, 'line'> | string {
  const error = Value.Errors(User, value).First()
  if (error !== undefined) return `${error.path.slice(1) || 'the line'}: ${error.message.toLowerCase()}`
  const { username, passwordHash, roles = [] } = value as { [Key in keyof ImportedUser]: never }
  const canonical = canonicalUsername(username)
  if (canonical === null) return `username: ${USERNAME_RULE}`
  const nameRefusal = refuseNewName(canonical)
  if (nameRefusal !== null) return `username: ${nameRefusal}`
  const hashRefusal = refuseHash(passwordHash)
  if (hashRefusal !== null) return `passwordHash: ${hashRefusal}`
  return { username: canonical, passwordHash, roles }
}

const User = Type.Object(
  {
    username: Type.String(),
    passwordHash: Type.String({ maxLength: 512 }),
    roles: Type.Optional(Roles),
  },
  { additionalProperties: false },
)
