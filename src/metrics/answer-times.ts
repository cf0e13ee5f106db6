import { Histogram } from 'prom-client'

/** How long answers take, by method, route and status. A request without a route has an empty `route`. */
export type AnswerTimes = Histogram<'method' | 'route' | 'status'>

/** Makes a histogram. It is in no registry yet, so that two services in one process count separately. */
export function openAnswerTimes(): AnswerTimes {
  return new Histogram({
    name: 'oneseat_request_duration_seconds',
    help: 'Time from the head of a request to that of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: BOUNDS,
    registers: [],
  })
}

/** Counts one answer. All methods without a route count as one, so that clients cannot make new series. */
export function countAnswer(
  times: AnswerTimes,
  { method, route, status }: { method: string; route: string; status: number },
  milliseconds: number,
): void {
  times.observe({ method: METHODS.has(method) ? method : 'other', route, status }, milliseconds / 1_000)
}

/**
 * Upper bounds of the buckets, seconds. A check takes one or two milliseconds; a login takes some thirty, or seconds under load.
 */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
])
