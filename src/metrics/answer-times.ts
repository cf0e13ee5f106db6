import { Histogram } from 'prom-client'

/** How long answers take, by method, route and status. A request that no route takes has the empty route. */
export type AnswerTimes = Histogram<'method' | 'route' | 'status'>

/** An empty histogram. It belongs to no registry yet, so that two services in one process do not count for each other. */
export function openAnswerTimes(): AnswerTimes {
  return new Histogram({
    name: 'oneseat_request_duration_seconds',
    help: 'Time from the head of a request to that of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: BOUNDS,
    registers: [],
  })
}

/** Counts one answer. Methods that none of our calls has are one, so that nobody can make new series. */
export function countAnswer(
  times: AnswerTimes,
  { method, route, status }: { method: string; route: string; status: number },
  milliseconds: number,
): void {
  times.observe({ method: METHODS.has(method) ? method : 'other', route, status }, milliseconds / 1_000)
}

/** Upper bounds, seconds. A check takes one or two milliseconds, and a login some thirty, or seconds while others wait. */
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
