import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { UsageError } from './explain.ts'

/** The arguments as options and the words between them. Throws a `UsageError` for an option that there is not. */
export function parseArguments<const O extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: O,
) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options })
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ', 1)[0] ?? '')
  }
}
