import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { PASSWORD_MIN } from '../accounts/password-policy.ts'
import { GaveUp, UsageError } from './explain.ts'

/**
 * Asks for a new password twice on a terminal, and does not show what is typed. Throws `GaveUp` if the person interrupts it, or
 * types two different passwords.
 */
export async function askNewPassword(
  input: NodeJS.ReadStream,
  output: NodeJS.WritableStream,
): Promise<string> {
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  // The reader edits the line and echoes to an invisible output. The terminal's own echo is off from here on.
  const reader = createInterface({ input, output: unseen, terminal: true, historySize: 0 })
  reader.once('SIGINT', () => reader.close())
  const lines = reader[Symbol.asyncIterator]()
  try {
    const password = await ask(`Password (${PASSWORD_MIN} characters or more): `)
    if ((await ask('The same again: ')) !== password)
      throw new GaveUp('you typed two different passwords')
    return password
  } finally {
    reader.close()
  }

  async function ask(question: string): Promise<string> {
    output.write(question)
    const { value, done } = await lines.next()
    output.write('\n')
    if (done) throw new GaveUp('nothing was changed')
    return value
  }
}

/** Reads a password from standard input: one line. Only the line end is not part of it. */
export function readPassword(bytes: Buffer): string {
  const [line = '', ...more] = decode(bytes).split(/\r?\n/)
  if (more.join('') !== '')
    throw new UsageError('standard input has more than the one line of a password')
  return line
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new UsageError('standard input is not text in UTF-8')
  }
}
