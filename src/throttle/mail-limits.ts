import { bucketsWith } from './buckets.ts'
import type { Counters } from './counters.ts'
import { LIMITS } from './limits.ts'
import { perNetwork } from './per-network.ts'

/** Limits for mails that anybody can cause. */
export type MailLimits = {
  /** Throws `too_many_attempts` if too many mails were asked for from this network. */
  admit(address: string): Promise<void>
  /**
   * Whether one more mail may be sent to this name or address. If not, an earlier link is still valid. The answer does not say
   * so, because that would tell who has an account.
   */
  mayMail(addressee: string): Promise<boolean>
}

/** `secret` hides names and addresses in the keys. All instances need the same. */
export function limitMails(counters: Counters, secret: string): MailLimits {
  const { keyOf } = bucketsWith(secret)
  const { mailNetwork, mailHour, mailDay } = LIMITS

  return {
    admit: perNetwork(counters, secret, 'mail-network', mailNetwork).count,
    async mayMail(addressee) {
      const hour = await counters.add(keyOf('mail-hour', addressee), 1, mailHour.window)
      if (hour.points > mailHour.free) return false
      const day = await counters.add(keyOf('mail-day', addressee), 1, mailDay.window)
      // The first mail of an hour is always sent. So if a mail is not sent, an earlier link is still valid.
      return day.points <= mailDay.free || hour.points === 1
    },
  }
}
