import { bucketsWith } from './buckets.ts'
import type { Counters } from './counters.ts'
import { LIMITS } from './limits.ts'
import { perNetwork } from './per-network.ts'

/** Bounds for mails that strangers can cause. */
export type MailLimits = {
  /** Throws `too_many_attempts` if too many mails were asked for from the network of this address of late. */
  admit(address: string): Promise<void>
  /**
   * Whether one more mail may be sent to this name or address. If not, those that were sent of late are still good, and nobody
   * is told, because that would tell who has an account.
   */
  mayMail(addressee: string): Promise<boolean>
}

/** `secret` turns names and addresses into keys that tell nothing. All instances need the same. */
export function limitMails(counters: Counters, secret: string): MailLimits {
  const { keyOf } = bucketsWith(secret)
  const { mailNetwork, mailHour, mailDay } = LIMITS

  return {
    admit: perNetwork(counters, secret, 'mail-network', mailNetwork).count,
    async mayMail(addressee) {
      const hour = await counters.add(keyOf('mail-hour', addressee), 1, mailHour.window)
      if (hour.points > mailHour.free) return false
      const day = await counters.add(keyOf('mail-day', addressee), 1, mailDay.window)
      // The first of an hour always is sent: so a link that came of late is still good whenever another is not sent.
      return day.points <= mailDay.free || hour.points === 1
    },
  }
}
