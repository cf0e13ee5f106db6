import type { Test } from 'tap'
import { type Mail, startMailBox } from '../../examples/demo/mail-box.ts'
import { until } from './until.ts'

/** A real mail server. */
export type MailServer = {
  url: string
  received: Mail[]
  /** Addresses that it takes no mail for. */
  refused: Set<string>
  /** The newest mail to this address; waits until there are `count`. */
  newest(to: string, count?: number): Promise<Mail>
}

/** Starts a mail server on a free port, or on `port`, and stops it when the test ends. */
export async function startMailServer(
  t: Test,
  port = 0,
): Promise<MailServer & { stop(): Promise<void> }> {
  const refused = new Set<string>()
  const refuse = (address: string) => (refused.has(address) ? 'no such mailbox' : null)
  const { url, mails, close } = await startMailBox({ port, refuse })
  let stopped: Promise<void> | null = null
  const stop = () => {
    stopped ??= close()
    return stopped
  }
  t.teardown(stop)

  return {
    ...{ url, received: mails, refused, stop },
    async newest(to, count = 1) {
      const theirs = () => mails.filter((mail) => mail.to === to)
      await until(() => theirs().length >= count, 40_000) // a mail that failed is sent again after some ten seconds
      return theirs().at(-1) as Mail
    },
  }
}

/** The token in the link of a mail. */
export function tokenIn({ text }: Pick<Mail, 'text'>): string {
  return /token=([\w-]{43})/.exec(text)?.[1] ?? ''
}
