import type { Sample } from './measure.ts'
import { median } from './table.ts'

/** The rounds as a bar chart in SVG, fastest first. */
export function drawBars(samples: ReadonlyMap<string, readonly Sample[]>): string {
  const bars = [...samples]
    .map(([name, rounds]) => ({ name, rate: median(rounds.map((s) => s.requestsPerSecond)) }))
    .toSorted((a, b) => b.rate - a.rate)
  const most = bars[0]?.rate ?? 1
  const rows = bars.map(({ name, rate }, i) => {
    const y = 10 + i * ROW
    const width = Math.max(1, Math.round((rate / most) * 420))
    const color = name.startsWith('Oneseat') ? '#0b7a75' : '#b8c4c2'
    return `  <text x="250" y="${y + 16}" text-anchor="end">${name}</text>
  <rect x="260" y="${y}" width="${width}" height="22" fill="${color}"/>
  <text x="${268 + width}" y="${y + 16}">${Math.round(rate).toLocaleString('en')}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 780 ${20 + bars.length * ROW}" font-family="sans-serif" font-size="14">
  <title>Requests per second on one core, 64 connections</title>
  <rect width="100%" height="100%" fill="white"/>
${rows.join('\n')}
</svg>
`
}

const ROW = 30
