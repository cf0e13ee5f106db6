import { Browser } from '../support/browser.ts'

/** One way to be refused. */
export type Kind = { name: string; login: { username: string; password?: string } }

/** How long logins of each kind take, or other calls of `path`, milliseconds: one of each in every round, in an order that chance makes. */
export async function timesOf(
  url: string,
  kinds: readonly Kind[],
  rounds: number,
  status: number,
  path = '/login',
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(kinds.map(({ name }) => [name, []]))
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const { name, login } of shuffled(kinds)) {
      const stranger = browserFromAnywhere(url)
      const begun = performance.now()
      const answer = await stranger.post(path, login)
      const took = performance.now() - begun
      if (answer.status !== status) throw new Error(`${name} was answered ${answer.status}`)
      if (round >= 0) times.get(name)?.push(took)
    }
  }
  return times
}

/** Fails to sign in until the free attempts at this name are used up: then every new network is refused. */
export async function shut(url: string, username: string): Promise<void> {
  for (;;) {
    const { status } = await browserFromAnywhere(url).login(username, { password: 'not it at all' })
    if (status === 429) return
  }
}

/** Every attempt from another network, so that no network is shut. */
function browserFromAnywhere(url: string): Browser {
  const part = () => Math.floor(Math.random() * 256)
  return new Browser(url, { 'x-forwarded-for': `10.${part()}.${part()}.${part()}` })
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

const WARM_UP = 30
