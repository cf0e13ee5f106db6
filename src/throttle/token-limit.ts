import { Refusal } from '../errors.ts'
import type { Counters } from './counters.ts'
import { LIMITS } from './limits.ts'
import { perNetwork } from './per-network.ts'

/**
 * Calls `use` to use a one-time token. Throws `too_many_attempts` if too many invalid tokens came from that network. Only
 * refusals with `token_used` count.
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
