/** How far the times of one kind lie from those of another. */
export type Separation = {
  /** Hodges and Lehmann: the median of all differences between the two. */
  shift: number
  /** Mann and Whitney: how often one of the first is shorter than one of the second; 0.5 if they are alike. */
  share: number
  /** How often samples as large, of times that are alike, lie as far apart by chance. */
  p: number
}

export function separate(first: readonly number[], second: readonly number[]): Separation {
  const differences = first.flatMap((a) => second.map((b) => b - a))
  const above = differences.filter((difference) => difference > 0).length
  const ties = differences.filter((difference) => difference === 0).length
  const share = (above + ties / 2) / differences.length
  const [n, m] = [first.length, second.length]
  const z = ((share - 0.5) * n * m) / Math.sqrt((n * m * (n + m + 1)) / 12)
  return { shift: medianOf(differences), share, p: twoSided(Math.abs(z)) }
}

export function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2
}

/** Both tails of the normal distribution beyond z (Abramowitz and Stegun 7.1.26; good to seven digits). */
function twoSided(z: number): number {
  const x = z / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const sum = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592].reduce(
    (inner, factor) => inner * t + factor,
    0,
  )
  return sum * t * Math.exp(-x * x)
}
