import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import { type AnswerTimes, countAnswer } from '../metrics/answer-times.ts'
import { SecureResponse } from './headers.ts'
import type { App } from './types.ts'

declare module 'node:http' {
  interface ServerResponse {
    /** The route that answers, as it was declared. Undefined where no route does. */
    route?: string
  }
}

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[]

/**
 * The response of a server whose answers are timed: from the end of the head of the request to the head of the answer,
 * whoever writes it. An answer on a connection that has ended meanwhile is not counted. What is too broken to be a request, or
 * ends before it is whole, has no response.
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

/** Lets each response know its route. */
export function tellRoutes(app: App): void {
  app.addHook('onRequest', function tellRoute(request, reply, done) {
    const { url } = request.routeOptions
    if (url !== undefined) reply.raw.route = url
    done()
  })
}
