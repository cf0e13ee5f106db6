import type { Settings } from '../../schemas/settings.ts'

/** Settings that work but are not for production, as sentences for the log at the start. */
export function warningsAbout(settings: Settings): string[] {
  const warnings: string[] = []
  if (!isStrong(settings.ARGON2_MEMORY_KIB, settings.ARGON2_PASSES)) {
    warnings.push(
      'ARGON2_MEMORY_KIB, ARGON2_PASSES: less than OWASP asks for (19456 KiB with 2 passes), so passwords are easier to find from stolen hashes.',
    )
  }
  if (settings.THROTTLE === 'off') {
    warnings.push('THROTTLE: off; passwords can be guessed as fast as they can be hashed.')
  }
  return warnings
}

/**
 * The pairs of memory and passes in the OWASP Password Storage Cheat Sheet, for Argon2id with one lane. All are equally strong.
 */
const OWASP = [
  { memoryKib: 47104, passes: 1 },
  { memoryKib: 19456, passes: 2 },
  { memoryKib: 12288, passes: 3 },
  { memoryKib: 9216, passes: 4 },
  { memoryKib: 7168, passes: 5 },
]

function isStrong(memoryKib: number, passes: number): boolean {
  return OWASP.some((least) => memoryKib >= least.memoryKib && passes >= least.passes)
}
