import { randomBytes } from 'node:crypto'
import Fastify, { LogController } from 'fastify'
import { sendError, sendNotFound, sendParserError } from './replies.ts'
import { RequestLog } from './request-log.ts'
import type { App } from './types.ts'
import { compileValidator } from './validation.ts'

export type HttpOptions = { logLevel: string; trustProxy: readonly string[] }

/** A Fastify that takes nothing on trust: strict bodies, short time limits, one kind of error. */
export function createFastify({ logLevel, trustProxy }: HttpOptions): App {
  const app: App = Fastify({
    logger: { level: logLevel, redact: { paths: SECRETS, censor: '[redacted]' } },
    logController: new LogController({ disableRequestLogging: true }), // what matters is logged as an event, where it happens
    genReqId: requestIds(),
    requestIdHeader: false,
    trustProxy: trustProxy.length === 0 ? false : [...trustProxy],
    bodyLimit: 8 * 1024,
    requestTimeout: 10_000,
    keepAliveTimeout: 72_000,
    http: { headersTimeout: 5_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 16 * 1024 },
    return503OnClosing: false, // a request that arrives while we close is still answered, and the connection then ends
    frameworkErrors: sendError,
    clientErrorHandler: (error, socket) => sendParserError(error, socket),
  })
  app.setChildLoggerFactory((parent, bindings, options) => new RequestLog(parent, bindings, options))
  app.setValidatorCompiler(compileValidator)
  app.setErrorHandler(sendError)
  app.setNotFoundHandler(sendNotFound)
  takeJsonOnly(app)
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store')
    done()
  })
  return app
}

/** JSON or 415: no other type is parsed, so no form can be posted here from a foreign page without a preflight. */
function takeJsonOnly(app: App): void {
  app.removeAllContentTypeParsers()
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Clients that label everything as JSON also do so where no body is wanted.
    if (body === '' && request.routeOptions.schema?.body === undefined) done(null, undefined)
    else void parseJson(request, body as string, done)
  })
}

/** Unique over restarts and instances, and cheap: a random start and a counter. */
function requestIds(): () => string {
  const start = randomBytes(6).toString('base64url')
  let count = 0
  return () => `${start}-${(count++).toString(36)}`
}

const SECRETS = [
  'password',
  '*.password',
  'currentPassword',
  'newPassword',
  'token',
  '*.token',
  'cookie',
  'headers.cookie',
  'headers["set-cookie"]',
  'req.headers.cookie',
  'res.headers["set-cookie"]',
]
