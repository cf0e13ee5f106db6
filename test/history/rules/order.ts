import type { Report } from './report.ts'
import type { Story } from './story.ts'

/**
 * ORDER, where there is one seat: the logins of a user fit into one line. Of two, one must come first if it ended before the
 * other began, if the other was still accepted after it was done, or if it was accepted before the other had begun. A circle
 * means that two sessions were alive by turns.
 */
export function checkOrder(sessions: readonly Story[], report: Report): void {
  const nodes = sessions.map(({ born, accepted }) => ({
    born,
    // Who was done before `notBefore` came before it; who began after `notAfter` came after it.
    notBefore: Math.max(born.t0, ...accepted.map((op) => op.t0)),
    notAfter: Math.min(born.t1, ...accepted.map((op) => op.t1)),
  }))
  const precedes = (a: (typeof nodes)[number], b: (typeof nodes)[number]) =>
    a !== b && (a.born.t1 < b.notBefore || a.notAfter < b.born.t0)
  // Kahn's algorithm: take away whoever has nobody before them, until nobody is left or nobody can go.
  const waitingFor = nodes.map((node) => nodes.filter((other) => precedes(other, node)).length)
  const free = nodes.filter((_, i) => waitingFor[i] === 0)
  let placed = 0
  for (let node = free.pop(); node !== undefined; node = free.pop()) {
    placed++
    for (const [i, other] of nodes.entries()) {
      if (!precedes(node, other)) continue
      waitingFor[i] = (waitingFor[i] ?? 0) - 1
      if (waitingFor[i] === 0) free.push(other)
    }
  }
  const stuck = nodes.find((_, i) => waitingFor[i] !== 0)
  if (stuck !== undefined)
    report('ORDER', stuck.born, `${nodes.length - placed} logins of one user were alive by turns`)
}
