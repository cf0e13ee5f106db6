import { BARE } from './contenders.ts'
import type { Sample } from './measure.ts'

/** The rounds as a Markdown table: medians, their spread, and ratios to the bare route of the same run. */
export function tableOf(samples: ReadonlyMap<string, readonly Sample[]>): string {
  const bare = median((samples.get(BARE) ?? []).map((s) => s.requestsPerSecond))
  const rows = [...samples].map(([name, rounds]) => {
    const rates = rounds.map((s) => s.requestsPerSecond)
    const rate = median(rates)
    const spread = (Math.max(...rates) - Math.min(...rates)) / rate / 2
    return [
      name,
      Math.round(rate).toLocaleString('en'),
      `±${Math.round(spread * 100)} %`,
      Number.isNaN(bare) ? '' : (rate / bare).toFixed(2),
      median(rounds.map((s) => s.p50)).toFixed(2),
      median(rounds.map((s) => s.p99)).toFixed(2),
      median(rounds.map((s) => s.cpuPerRequest)).toFixed(1),
      median(rounds.map((s) => s.commandsPerRequest)).toFixed(2),
      String(rounds.reduce((sum, s) => sum + s.errors, 0)),
    ]
  })
  return [HEAD, HEAD.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('')
}

/** The middle of several figures; NaN of none. */
export function median(figures: readonly number[]): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? Number.NaN
}

const HEAD = [
  '',
  'requests/s',
  'spread',
  'ratio',
  'p50 ms',
  'p99 ms',
  'CPU µs/request',
  'Redis commands/request',
  'errors',
]
