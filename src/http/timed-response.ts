import type { IncomingMessage } from 'node:http'
import type { AnswerTimes } from '../metrics/answer-times.ts'
import { SecureResponse } from './headers.ts'

/**
 * The response of a server whose answers `times` counts: from the end of the head of the request to the head of the answer,
 * whoever writes it. An answer on a connection that has ended meanwhile is none; and what is too broken to be a request, or ends
 * before it is whole, has no response.
 */
export function timedResponse(times: AnswerTimes, clock: () => number): typeof SecureResponse {
  return class<R extends IncomingMessage = IncomingMessage> extends SecureResponse<R> {
    readonly begun = clock()

    override _storeHeader(statusLine: string, headers?: object): void {
      super._storeHeader(statusLine, headers)
      if (this.socket?.writable === false) return
      times.add(this.req.method ?? '', this.statusCode, clock() - this.begun)
    }
  }
}
