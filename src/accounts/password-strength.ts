import type { Match, ZxcvbnFactory } from '@zxcvbn-ts/core'
import { isKeyboardWalk } from './keyboard-walk.ts'
import { PUBLISHED } from './published-passwords.ts'

/**
 * Why this password is easy to guess, as the end of a sentence; null if it is not. Counts the guesses of somebody who
 * tries known passwords, the username, keyboard walks, repetitions, sequences and dates first (zxcvbn, by D. Wheeler).
 */
export async function whyGuessable(password: string, username: string): Promise<string | null> {
  loading ??= load()
  const estimator = await loading
  const judged = [...password.normalize('NFKC')].slice(0, JUDGED).join('')
  const { guesses, sequence } = estimator.check(judged, namesIn(username))
  if (guesses < GUESSES) return reasonOf(sequence)
  return isKeyboardWalk(judged) ? REASONS.spatial : null
}

/** zxcvbn is loaded when the first password is chosen: it takes 0.15 s and 20 MB, and many processes never need it. */
let loading: Promise<ZxcvbnFactory> | undefined

async function load(): Promise<ZxcvbnFactory> {
  const [{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ])
  return new ZxcvbnFactory({
    dictionary: { passwords: [...dictionary['passwords-common'], ...PUBLISHED] },
    graphs: adjacencyGraphs,
    l33tMaxSubstitutions: 8,
  })
}

/** What an attacker who knows the account would try: the name, its parts, and the name of this service. */
function namesIn(username: string): string[] {
  const parts = username.split(/[^\p{L}\p{N}]+/u).filter((part) => part.length >= 3)
  return [username, username.replace(/@[^@]*$/, ''), ...parts, 'oneseat']
}

/** The reason, taken from the longest piece that zxcvbn recognised. */
function reasonOf(sequence: readonly Match[]): string {
  const pieces = sequence.filter(({ pattern }) => pattern in REASONS)
  const [longest] = pieces.toSorted((a, b) => b.token.length - a.token.length)
  if (sequence.some((piece) => piece['dictionaryName'] === 'userInputs'))
    return 'it is built on the username, or on the name of this service'
  if (longest === undefined) return 'too little of it is hard to guess'
  return REASONS[longest.pattern as keyof typeof REASONS]
}

const REASONS = {
  dictionary: 'it is made of passwords that attackers try first',
  spatial: 'it follows the keys of a keyboard',
  repeat: 'it repeats itself',
  sequence: 'it counts, or follows the alphabet',
  date: 'it is made of dates',
  regex: 'it is made of dates',
}

/**
 * zxcvbn's own limit for its best score: far more guesses than the throttle allows. Three random words need a hundred times as
 * many.
 */
const GUESSES = 1e10

/** How many characters are judged. The time grows with the square of the length: 48 take 2 to 15 ms, 256 up to 0.8 s. */
const JUDGED = 48
