import { Refusal } from '../errors.ts'

/** For whom a hash is made: the queue is shared out by account and by network. */
export type Client = {
  account: string
  network: string
  /**
   * Whether this device has signed in to the account before. It goes first among those of the same round, and strangers who
   * guess at its account, or from its network, have shares of their own.
   */
  known: boolean
}

/** Runs so many hashes at once, lets so many wait, and refuses the rest with `overloaded`. */
export type HashQueue = {
  run<T>(client: Client, work: () => Promise<T>): Promise<T>
  /** Throws `overloaded` if `run` would refuse this client now. */
  requireRoom(client: Client): void
  counts(): HashCounts
}

export type HashCounts = { running: number; waiting: number }

type Job = Client & { round: number; start: () => void; refuse: (error: Error) => void }

/**
 * Round robin: every account has one hash in a round and every network eight, the rest of theirs waits for later rounds. The
 * lowest round goes first. If the queue is full, the last in it is refused, which may be the newcomer. So an account or a
 * network with many logins at once uses what nobody else needs, and is in nobody's way.
 */
export function hashQueue(concurrency: number, size: number): HashQueue {
  /** In the order in which they go. */
  const waiting: Job[] = []
  /** Those of the current round that run or have run. */
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
   * The first round from now on in which neither the account nor the network has had its share. A round ends for newcomers
   * when as many have run in it as may wait, so that those of the next round have their turn.
   */
  function roundFor({ account, network, known }: Client): number {
    const ofNetwork = new Map<number, number>()
    const full = new Set<number>(started.length < size ? [] : [round])
    for (const job of [...started, ...waiting]) {
      if (job.known !== known) continue // a stranger uses up nobody's share but that of strangers
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

/** Hashes of one network in a round: the people of an office are not to wait for each other as if they were one. */
const NETWORK_SHARE = 8
