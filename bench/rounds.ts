/** The options of every benchmark that goes round after round; with `--smoke` it is one, of a second. */
export const ROUND_OPTIONS = {
  smoke: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  seconds: { type: 'string', default: '5' },
} as const

type Given = { smoke: boolean; rounds?: string | undefined; seconds: string }

/** How many rounds, of `usual` if it is not said, and of how many seconds. */
export function roundsOf({ smoke, rounds, seconds }: Given, usual: number) {
  return smoke
    ? { rounds: 1, seconds: 1 }
    : { rounds: Number(rounds ?? usual), seconds: Number(seconds) }
}
