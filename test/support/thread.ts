import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Test } from 'tap'

/**
 * A thread for work with millions of promises, which answers one message at a time, until the test ends. In its own thread
 * the test runner follows every promise and counts every line, at several times the cost of the work.
 */
export function openThread<Question, Answer>(
  t: Test,
  program: URL,
): (question: Question) => Promise<Answer> {
  const worker = new Worker(program, { execArgv: [], env: {} })
  t.teardown(() => worker.terminate())
  return async (question) => {
    const answer = once(worker, 'message')
    worker.postMessage(question)
    return (await answer)[0] as Answer
  }
}
