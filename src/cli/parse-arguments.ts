import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { UsageError } from './explain.ts'

/** Splits arguments into options and words. Throws a `UsageError` for an unknown option. */
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
