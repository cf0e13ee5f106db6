import { SMTPServer } from 'smtp-server'

/** A received mail. */
export type Mail = { from: string; to: string; subject: string; text: string; html: string; raw: string }

/** A real mail server that forwards nothing. */
export type MailBox = { url: string; mails: Mail[]; close(): Promise<void> }

type Options = {
  port?: number
  /** The answer that refuses mails to this address; null to accept them. */
  refuse?: (address: string) => string | null
}

/** Starts a mail server on this machine, which stores the mails that it gets. */
export async function startMailBox({ port = 0, refuse = () => null }: Options = {}): Promise<MailBox> {
  const mails: Mail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _session, done) {
      const refusal = refuse(address)
      done(refusal === null ? null : Object.assign(new Error(refusal), { responseCode: 550 }))
    },
    onData(stream, { envelope }, done) {
      let raw = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => {
        raw += chunk
      })
      stream.once('end', () => {
        mails.push({ to: envelope.rcptTo.map(({ address }) => address).join(', '), ...read(raw) })
        done()
      })
    },
  })
  server.on('error', () => {}) // a client that disconnected
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const address = server.server.address() as { port: number }
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    mails,
    close: () => new Promise((done) => server.close(done)),
  }
}

/** Reads a mail of this service: two parts, in ASCII. */
function read(raw: string): Omit<Mail, 'to'> {
  const parts = raw.split(/^--.*\r\n/m).map((part) => part.split('\r\n\r\n'))
  const header = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'm').exec(raw)?.[1] ?? ''
  const body = (type: string) => {
    const [head = '', ...paragraphs] =
      parts.find(([each = '']) => each.includes(`Content-Type: ${type}`)) ?? []
    const text = paragraphs.join('\r\n\r\n')
    return (/quoted-printable/.test(head) ? unquote(text) : text).replaceAll('\r\n', '\n')
  }
  const [from, subject] = [header('From'), header('Subject')]
  return { from, subject, text: body('text/plain'), html: body('text/html'), raw }
}

/** Decodes quoted-printable (RFC 2045 §6.7) of ASCII. */
function unquote(text: string): string {
  return text
    .replaceAll('=\r\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
