import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import type { Test } from 'tap'

/** What a webhook brought, after its signature was verified. */
export type Received = {
  id: string
  type: string
  timestamp: string
  data: Record<string, unknown> & { userId: string }
}

/** Whoever receives our webhooks. It fails the test if a signature is wrong. */
export type Receiver = {
  url: string
  /** Everything that was received with a 2xx, in order. */
  received: Received[]
  /** Everything that came, whatever it was answered. */
  came: Received[]
  /** How it answers; a 204 if it does not. */
  answer: (request: Received, response: ServerResponse, raw: IncomingMessage) => unknown
  /** What a service needs to send here. */
  env: { WEBHOOK_URL: string; WEBHOOK_SECRET: string }
}

export const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret of the tests, 32 bytes.').toString('base64')}`

export async function startReceiver(t: Test): Promise<Receiver> {
  const webhook = new Webhook(WEBHOOK_SECRET)
  const server = createServer(async (request, response) => {
    const text = (await buffer(request)).toString()
    const headers = request.headers as Record<string, string>
    const body = webhook.verify(text, headers) as Omit<Received, 'id'>
    const one = { id: headers['webhook-id'] ?? '', ...body }
    receiver.came.push(one)
    await receiver.answer(one, response, request)
    if (response.headersSent || response.destroyed) return
    receiver.received.push(one)
    response.writeHead(204).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const receiver: Receiver = {
    ...{ url, received: [], came: [], answer: () => {} },
    env: { WEBHOOK_URL: url, WEBHOOK_SECRET },
  }
  return receiver
}
