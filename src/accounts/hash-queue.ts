import { Refusal } from '../errors.ts'

/** For whom a hash is computed. Accounts and networks get shares of the queue. */
export type Client = {
  account: string
  network: string
  /**
   * Whether this device has signed in to the account before. It goes first in its round. Unknown devices that guess at its
   * account, or from its network, have separate shares.
   */
  known: boolean
}

/** Runs some hashes at once, lets some wait, and refuses the rest with `overloaded`. */
export type HashQueue = {
  run<T>(client: Client, work: () => Promise<T>): Promise<T>
  /** Throws `overloaded` if `run` would refuse this client now. */
  requireRoom(client: Client): void
  counts(): HashCounts
}

export type HashCounts = { running: number; waiting: number }

type Job = Client & { round: number; start: () => void; refuse: (error: Error) => void }

/**
 * Makes a queue that works in rounds: in each round every account has one hash and every network eight; more of them wait for
 * later rounds. The lowest round goes first. If the queue is full, the last in it is refused, which may be the new one. So an
 * account or network with many simultaneous logins delays nobody else.
 */
export function hashQueue(concurrency: number, size: number): HashQueue {
  /** The waiting jobs, in the order in which they will run. */
  const waiting: Job[] = []
  /** The jobs of the current round that are running or done. */
  let started: Job[] = []
  let round = 0
  let running = 0

  async function run<T>(client: Client, work: () => Promise<T>): Promise<T> {
    await inTurn(client)
    try {
      return await work()
    } finally {
      running--
      const next = waiting.shift()
      if (next !== undefined) start(next)
    }
  }

  function inTurn(client: Client): Promise<void> {
    return new Promise((done, refuse) => {
      const job = { ...client, round: roundFor(client), start: done, refuse }
      if (running < concurrency) return start(job)
      waiting.splice(placeOf(job), 0, job)
      if (waiting.length > size) waiting.pop()?.refuse(new Refusal('overloaded'))
    })
  }

  function start(job: Job): void {
    if (job.round > round) {
      round = job.round
      started = []
    }
    started.push(job)
    running++
    job.start()
  }

  function requireRoom(client: Client): void {
    if (waiting.length < size) return
    if (placeOf({ ...client, round: roundFor(client) }) >= size) throw new Refusal('overloaded')
  }

  /**
   * The first round in which neither the account nor the network has used its share. A round takes no more jobs when as many have
   * run in it as may wait, so that the next round gets its turn.
   */
  function roundFor({ account, network, known }: Client): number {
    const ofNetwork = new Map<number, number>()
    const full = new Set<number>(started.length < size ? [] : [round])
    for (const job of [...started, ...waiting]) {
      if (job.known !== known) continue // known and unknown devices have separate shares
      const share = (ofNetwork.get(job.round) ?? 0) + (job.network === network ? 1 : 0)
      ofNetwork.set(job.round, share)
      if (job.account === account || share >= NETWORK_SHARE) full.add(job.round)
    }
    let candidate = round
    while (full.has(candidate)) candidate++
    return candidate
  }

  function placeOf(job: Pick<Job, 'round' | 'known'>): number {
    const behind = waiting.findIndex(
      (other) => other.round > job.round || (other.round === job.round && job.known && !other.known),
    )
    return behind === -1 ? waiting.length : behind
  }

  return { run, requireRoom, counts: () => ({ running, waiting: waiting.length }) }
}

/** Hashes of one network in a round. There are several, because many people can share the network of an office. */
const NETWORK_SHARE = 8
