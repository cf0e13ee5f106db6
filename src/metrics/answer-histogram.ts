import type { Histogram } from 'prom-client'
import { type Answers, type AnswerTimes, BOUNDS } from './answer-times.ts'

/** What `times` has counted, as a metric that a registry of `prom-client` takes. */
export function answerHistogram(times: AnswerTimes): Histogram<'method' | 'status'> {
  const about = { name: NAME, help: HELP, type: 'histogram', aggregator: 'sum' }
  const get = async () => ({ ...about, values: times.all().flatMap(linesOf) })
  return { ...about, get } as unknown as Histogram // a registry asks for nothing more
}

/** Each bucket of Prometheus holds all that is in the ones before it. */
function linesOf({ method, status, counts, seconds }: Answers) {
  const labels = { method, status }
  let count = 0
  const buckets = counts.map((more, i) => {
    count += more
    return { metricName: `${NAME}_bucket`, value: count, labels: { ...labels, le: BOUNDS[i] ?? '+Inf' } }
  })
  return [
    ...buckets,
    { metricName: `${NAME}_sum`, value: seconds, labels },
    { metricName: `${NAME}_count`, value: count, labels },
  ]
}

const NAME = 'oneseat_request_duration_seconds'
const HELP = 'Time from the head of a request to that of its answer.'
