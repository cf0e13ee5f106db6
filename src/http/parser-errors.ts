import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { type ErrorCode, invalidRequest, problem, Refusal } from '../errors.ts'
import { LATEST } from './connections.ts'
import { SECURITY_HEADERS } from './headers.ts'
import { UNREADABLE } from './problems.ts'

type ParserError = Error & { code?: string; rawPacket?: unknown }

/** Answers bytes that are not an HTTP request on the bare socket, and ends the connection. */
type ParserErrors = {
  onClientError: (error: ParserError, socket: Socket) => void
  /** Answers requests with an `Expect` header that the server does not support. */
  follow: (server: Server) => void
}

export function parserErrors(): ParserErrors {
  const over = new WeakSet<Socket>()

  function onClientError(error: ParserError, socket: Socket): void {
    if (over.has(socket)) return
    over.add(socket)
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy()
      return
    }
    const open = socket[LATEST]
    if (open !== undefined && !open.writableFinished) {
      if (open.req.complete || open.headersSent) {
        // The broken bytes came after a whole request. That request is answered, and then the connection ends.
        open.shouldKeepAlive = false
        open.once('close', () => socket.destroy())
        return
      }
    }
    socket.end(answerTo(error))
    setTimeout(() => socket.destroy(), LINGER).unref()
  }

  function follow(server: Server): void {
    server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
      const { status, headers, body } = answerFor('expectation_failed')
      response.writeHead(status, headers).end(body)
    })
  }

  return { onClientError, follow }
}

function answerTo({ code = '', rawPacket }: ParserError): string {
  const unknownMethod = code === 'HPE_INVALID_METHOD' && METHOD.test(String(rawPacket))
  const { status, headers, body } = answerFor(
    unknownMethod ? 'not_implemented' : (PARSER_ERRORS[code] ?? 'invalid_request'),
  )
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`
}

function answerFor(code: ErrorCode) {
  const refusal =
    code === 'invalid_request' ? invalidRequest([{ path: '/', message: UNREADABLE }]) : new Refusal(code)
  const body = JSON.stringify(problem(refusal))
  return {
    status: refusal.status,
    headers: { ...HEADERS, 'content-length': Buffer.byteLength(body) },
    body,
  }
}

const HEADERS = {
  ...SECURITY_HEADERS,
  'content-type': 'application/problem+json',
  connection: 'close',
}

const PARSER_ERRORS: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}

/** A valid request line, except that its method is unknown (RFC 9110 §9.1). */
const METHOD = /^[A-Z-]{1,32} \/\S* HTTP\/1\.[01]\r\n/

/** For how many milliseconds the peer's bytes are still received, so that it can read the answer (RFC 9112 §9.6). */
const LINGER = 1_000
