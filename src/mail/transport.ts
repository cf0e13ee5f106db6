import type { Rendered } from './render.ts'

/** Sends mails to the operator's mail server. `send` throws if the server refuses a mail or does not answer in time. */
export type Post = { send(to: string, mail: Rendered): Promise<void>; close(): Promise<void> }

/**
 * Makes the connection to the mail server at `url`, which may be silent for `wait` milliseconds. The client is imported, and
 * connects, at the first mail.
 */
export function openPost({ url, from }: { url: string; from: string }, wait = WAIT): Post {
  let transport: Promise<Transport> | null = null
  let isClosed = false

  return {
    async send(to, { subject, text, html }) {
      if (isClosed) throw new Error('the service stops')
      transport ??= connect(url, wait)
      const { sendMail } = await transport
      await sendMail({
        from,
        to: { name: '', address: to }, // an object, so that it is never read as a list of addresses
        ...{ subject, text, html },
        headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: prevents automatic replies
      })
    },
    async close() {
      isClosed = true
      const opened = await transport
      opened?.close()
    },
  }
}

type Transport = { sendMail(mail: object): Promise<unknown>; close(): void }

async function connect(url: string, wait: number): Promise<Transport> {
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    ...{ url, pool: true, maxConnections: CONNECTIONS },
    ...{ dnsTimeout: wait, connectionTimeout: wait, greetingTimeout: wait, socketTimeout: wait },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  })
  return { sendMail: (mail) => transport.sendMail(mail), close: () => transport.close() }
}

const CONNECTIONS = 2
/** Milliseconds that a mail server may be silent. */
const WAIT = 10_000
