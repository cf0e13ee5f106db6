import type { Group } from './all.ts'

/** Targets with something to be found in them, so that the fuzzer can be seen to find it. */
export const groups: Group[] = [
  async () => ({
    targets: [
      { name: 'trap', seeds: ['aaaa'], run: fall },
      { name: 'snail', seeds: ['{}'], run: crawl },
    ],
    close: async () => {},
  }),
]

/** Four bytes that only whoever is guided byte by byte will guess: one in four thousand million. */
export function fall(bytes: Buffer): void {
  if (bytes[0] !== 0x46) return
  if (bytes[1] !== 0x55) return
  if (bytes[2] !== 0x5a) return
  if (bytes[3] === 0x5a) throw new Error('found')
}

function crawl(bytes: Buffer): void {
  const end = performance.now() + (bytes.includes('{{') ? 250 : 0)
  while (performance.now() < end);
}
