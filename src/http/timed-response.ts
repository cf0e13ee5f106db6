import type { IncomingMessage } from 'node:http'
import type { AnswerTimes } from '../metrics/answer-times.ts'
import { SecureResponse } from './security-headers.ts'

/**
 * The response of a server whose answers `times` counts: from the end of the head of the request to the head of the answer,
 * whoever writes it. What is too broken to be a request has no response, and is not counted.
 */
export function timedResponse(times: AnswerTimes, clock: () => number): typeof SecureResponse {
  return class<R extends IncomingMessage = IncomingMessage> extends SecureResponse<R> {
    readonly begun = clock()

    override _storeHeader(statusLine: string, headers?: object): void {
      super._storeHeader(statusLine, headers)
      times.add(this.req.method ?? '', this.statusCode, clock() - this.begun)
    }
  }
}
