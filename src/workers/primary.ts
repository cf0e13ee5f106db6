import cluster from 'node:cluster'
import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import type { Settings } from '../../schemas/settings.ts'
import { passOnNotices } from '../notices/workers.ts'
import { warningsAbout } from '../setting-warnings.ts'
import { countForWorkers } from '../throttle/workers.ts'
import type { Hello } from './messages.ts'
import { gatherMetrics } from './metrics.ts'
import { openPlace, type Place } from './place.ts'

/**
 * Starts as many workers as the settings say, and resolves when all serve; rejects if one cannot. One that dies later is
 * replaced. All end with this process, which knows no HTTP: it hands connections to the workers in turn (node:cluster),
 * and what they tell each other passes through it.
 */
export async function keepWorkers(settings: Settings): Promise<Hello> {
  const log = pino({ level: settings.LOG_LEVEL })
  cluster.setupPrimary({ serialization: 'advanced' }) // JSON has no NaN, and metrics do
  for (const warning of warningsAbout(settings)) log.warn({ event: 'weak_setting' }, warning)
  countForWorkers()
  passOnNotices()
  gatherMetrics()
  const places: Place[] = []
  process.once('exit', () => {
    for (const place of places) place.kill()
  })
  closeWithGrace({ delay: STOP_LIMIT, logger: log }, async ({ err }) => {
    if (err !== undefined) log.fatal({ err }, 'stopping after an error')
    const inOrder = await Promise.all(places.map((place) => place.stop()))
    if (inOrder.includes(false)) throw new Error('a worker did not stop in order')
  })

  const [share = 1, ...others] = shareOut(settings.HASH_CONCURRENCY, settings.WORKERS)
  const hello = await open(share).ready() // alone: it makes the tables and the secret, and meets what is wrong with them
  await Promise.all(others.map((each) => open(each).ready()))
  for (const place of places) void place.keep()
  log.info({ event: 'workers_ready', workers: places.map((each) => each.pid()) }, 'all workers serve')
  return hello

  function open(hashConcurrency: number): Place {
    const place = openPlace({ HASH_CONCURRENCY: String(hashConcurrency) }, log)
    places.push(place)
    return place
  }
}

/** What each of `workers` gets of `total`, which is divided as evenly as it goes; at least 1. */
export function shareOut(total: number, workers: number): number[] {
  return Array.from({ length: workers }, (_, i) =>
    Math.max(1, Math.floor((total + workers - 1 - i) / workers)),
  )
}

/** A little longer than a worker takes at most, milliseconds. */
const STOP_LIMIT = 11_000
