import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import { type AnswerTimes, countAnswer } from '../metrics/answer-times.ts'
import { SecureResponse } from './headers.ts'
import type { App } from './types.ts'

declare module 'node:http' {
  interface ServerResponse {
    /** The path of the route that answers, as it was declared. Undefined if there is no route. */
    route?: string
  }
}

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[]

/**
 * A response that is timed, from the end of the request's head to the head of the answer. An answer on a connection that has
 * ended meanwhile is not counted. Bytes that are not a whole request have no response.
 */
export function timedResponse(times: AnswerTimes, clock: () => number): typeof SecureResponse {
  return class<R extends IncomingMessage = IncomingMessage> extends SecureResponse<R> {
    readonly begun = clock()

    override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
      super.writeHead(status, reason as string, headers)
      if (this.socket?.writable === false) return this
      const { method = '' } = this.req
      countAnswer(times, { method, route: this.route ?? '', status }, clock() - this.begun)
      return this
    }
  }
}

/** Tells each response its route. */
export function tellRoutes(app: App): void {
  app.addHook('onRequest', function tellRoute(request, reply, done) {
    const { url } = request.routeOptions
    if (url !== undefined) reply.raw.route = url
    done()
  })
}
