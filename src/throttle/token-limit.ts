import { Refusal } from '../errors.ts'
import type { Counters } from './counters.ts'
import { LIMITS } from './limits.ts'
import { perNetwork } from './per-network.ts'

/**
 * Lets somebody at `address` use a one-time token, unless too many that were none came from that network of late: then throws
 * `too_many_attempts`. Only those count that are refused with `token_used`.
 */
export type TokenLimit = <T>(address: string, use: () => Promise<T>) => Promise<T>

export function limitTokens(counters: Counters, secret: string): TokenLimit {
  const { count, takeBack } = perNetwork(counters, secret, 'token', LIMITS.token)
  return async (address, use) => {
    await count(address)
    let isWrong = false
    try {
      return await use()
    } catch (error) {
      isWrong = error instanceof Refusal && error.code === 'token_used'
      throw error
    } finally {
      if (!isWrong) await takeBack(address)
    }
  }
}
