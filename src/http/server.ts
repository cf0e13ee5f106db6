import { randomBytes } from 'node:crypto'
import Fastify, { type FastifyRequest, LogController } from 'fastify'
import { pino } from 'pino'
import { openAnswerTimes } from '../metrics/answer-times.ts'
import { closeInTime } from './closing.ts'
import { followConnections } from './connections.ts'
import { checkSecurityHeaders } from './header-check.ts'
import { keepToHttps } from './headers.ts'
import { parseJson } from './json.ts'
import { LIMITS, type Limits } from './limits.ts'
import { logOutput } from './log-output.ts'
import { parserErrors } from './parser-errors.ts'
import { boundPipelining } from './pipelining.ts'
import { refuseUnknownPath, sendError } from './problems.ts'
import { BODY_LIMIT, refuseOddRequests } from './requests.ts'
import { compileSerializer } from './serialization.ts'
import { tellRoutes, timedResponse } from './timed-response.ts'
import type { App } from './types.ts'
import { warnOfUntrustedProxy } from './untrusted-proxy.ts'
import { compileValidator } from './validation.ts'

type HttpOptions = { logLevel: string; trustProxy: readonly string[]; limits?: Limits }

/** Makes a strict Fastify: checked requests and bodies, time limits, one kind of error. */
export function createFastify({ logLevel, trustProxy, limits = LIMITS }: HttpOptions): App {
  const broken = parserErrors()
  const answerTimes = openAnswerTimes()
  const log = pino(
    {
      level: logLevel,
      redact: { paths: SECRETS, censor: '[redacted]' },
      mixin: (_line, _level, logger) => ({ reqId: (logger as RequestLog).reqId }),
    },
    logOutput(),
  )
  const app: App = Fastify({
    logController: new LogController({ disableRequestLogging: true }), // events are logged where they happen
    // The logger of a request is that of the service plus the id of the request. A real child logger would cost 0.6 µs more.
    childLoggerFactory: (_parent, { reqId }) => Object.assign(Object.create(log), { reqId }),
    genReqId: requestIds(),
    requestIdHeader: false,
    trustProxy: trustProxy.length === 0 ? false : [...trustProxy],
    bodyLimit: BODY_LIMIT,
    requestTimeout: limits.request,
    connectionTimeout: limits.silence,
    keepAliveTimeout: limits.keepAlive,
    routerOptions: { maxParamLength: 1_200 }, // the schemas limit parameters in a path
    http: {
      ServerResponse: timedResponse(answerTimes, () => performance.now()),
      headersTimeout: limits.headers,
      connectionsCheckingInterval: limits.checkEvery,
      maxHeaderSize: 16 * 1024,
      requireHostHeader: false, // Node would answer with an empty body; `refuseOddRequests` requires Host
    },
    return503OnClosing: false, // a request that arrives while we close is still answered, and the connection then ends
    frameworkErrors: sendError,
    clientErrorHandler: broken.onClientError,
  })
  broken.follow(app.server)
  app.decorate('answerTimes', answerTimes)
  app.server.maxConnections = limits.connections
  app.server.maxHeadersCount = 0 // Node would drop headers above its limit, perhaps Origin; `refuseOddRequests` limits them
  closeInTime(app, limits.drain)
  // With a logger in its options Fastify would time every answer, for a log line that we do not write.
  app.log = log
  followConnections(app.server)
  tellRoutes(app)
  boundPipelining(app)
  app.addHook('onReady', async () => {
    await checkSecurityHeaders(app.server)
    answerTimes.reset() // do not count the request of that check
  })
  app.setValidatorCompiler(compileValidator)
  app.setSerializerCompiler(compileSerializer)
  app.setErrorHandler(sendError)
  app.setNotFoundHandler(refuseUnknownPath)
  takeJsonOnly(app)
  // Only a proxy gives this service HTTPS.
  if (trustProxy.length > 0) {
    app.addHook('onRequest', function addHsts(request, reply, done) {
      keepToHttps(request, reply)
      done()
    })
  }
  warnOfUntrustedProxy(app)
  refuseOddRequests(app)
  return app
}

/** Only JSON bodies are parsed, by `parseJson`. */
function takeJsonOnly(app: App): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) =>
      // Some clients send the JSON type with every request, also without a body.
      body.length === 0 && request.routeOptions.schema?.body === undefined ? undefined : parseJson(body),
  )
}

type RequestLog = { reqId?: string }

/** Makes request ids that are unique over restarts and instances: a random start and a counter. */
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
  ...[
    'token',
    '*.token',
    'deviceToken',
    '*.deviceToken',
    'key',
    'setCookie',
    'presented',
    '*.presented',
  ],
  ...['authorization', 'headers.authorization', 'req.headers.authorization'],
  'cookie',
  'headers.cookie',
  'headers["set-cookie"]',
  'req.headers.cookie',
  'res.headers["set-cookie"]',
]
