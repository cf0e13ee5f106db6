import { SMTPServer } from 'smtp-server'
import type { Test } from 'tap'
import { until } from './until.ts'

/** A mail as it arrived. */
export type Received = { to: string; subject: string; text: string; html: string; raw: string }

/** A real mail server. */
export type MailServer = {
  url: string
  received: Received[]
  /** Addresses that it takes no mail for. */
  refused: Set<string>
  /** The newest mail to this address; waits until there are `count`. */
  newest(to: string, count?: number): Promise<Received>
}

/** Starts a mail server on a free port, or on `port`, and stops it when the test ends. */
export async function startMailServer(
  t: Test,
  port = 0,
): Promise<MailServer & { stop(): Promise<void> }> {
  const received: Received[] = []
  const refused = new Set<string>()
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _session, done) {
      if (!refused.has(address)) return done()
      done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }))
    },
    onData(stream, { envelope }, done) {
      let raw = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => {
        raw += chunk
      })
      stream.once('end', () => {
        const [{ address: to } = { address: '' }, ...others] = envelope.rcptTo
        if (others.length > 0) throw new Error('a mail went to several people')
        received.push({ to, ...read(raw) })
        done()
      })
    },
  })
  server.on('error', () => {}) // a client that went away
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const address = server.server.address() as { port: number }
  let isRunning = true
  const stop = async () => {
    if (isRunning) await new Promise<void>((done) => server.close(done))
    isRunning = false
  }
  t.teardown(stop)

  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    refused,
    stop,
    async newest(to, count = 1) {
      const theirs = () => received.filter((mail) => mail.to === to)
      await until(() => theirs().length >= count, 40_000) // a mail that failed is sent again after some ten seconds
      return theirs().at(-1) as Received
    },
  }
}

function read(raw: string): Omit<Received, 'to'> {
  const parts = raw.split(/^--.*\r\n/m).map((part) => part.split('\r\n\r\n'))
  const body = (type: string) => {
    const [, ...paragraphs] = parts.find(([head = '']) => head.includes(`Content-Type: ${type}`)) ?? []
    return unquote(paragraphs.join('\r\n\r\n')).replaceAll('\r\n', '\n')
  }
  const subject = /^Subject: (.*)\r$/m.exec(raw)?.[1] ?? ''
  return { subject, text: body('text/plain'), html: body('text/html'), raw }
}

/** Undoes quoted-printable (RFC 2045 §6.7), of ASCII. */
function unquote(text: string): string {
  return text
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** The token in the link of a mail. */
export function tokenIn({ text }: Received): string {
  return /token=([\w-]{43})/.exec(text)?.[1] ?? ''
}
