import { freePort, startRedis, type TestRedis } from './redis.ts'
import { until } from './until.ts'

/** A Redis Cluster of three masters, each with one replica. */
export type TestCluster = {
  url: string
  nodes: readonly TestRedis[]
  /** The node that now answers for this key. */
  masterOf(key: string): Promise<TestRedis>
  /** The replica of a master. */
  replicaOf(master: TestRedis): Promise<TestRedis>
  stop(): Promise<void>
}

/** Starts six nodes, makes a Cluster of them, and waits until all agree that it is complete. */
export async function startCluster(): Promise<TestCluster> {
  const buses = await Promise.all(Array.from({ length: 6 }, freePort))
  const nodes = await Promise.all(buses.map(startNode))
  const first = nodes[0] as TestRedis
  for (const node of nodes) {
    await node.client.call('CLUSTER', 'MEET', '127.0.0.1', first.port, buses[0] as number)
  }
  await until(async () => (await Promise.all(nodes.map(knownNodes))).every((count) => count === 6))
  await Promise.all(
    SLOTS.map(([from, to], i) => nodes[i]?.client.call('CLUSTER', 'ADDSLOTSRANGE', from, to)),
  )
  for (const [i, replica] of nodes.slice(3).entries()) {
    const master = String(await nodes[i]?.client.cluster('MYID'))
    await replica.client.cluster('REPLICATE', master)
  }
  await until(async () => (await Promise.all(nodes.map(isComplete))).every(Boolean), 20_000)

  /** Asks whichever node answers. */
  async function ask(...args: [string, ...string[]]): Promise<string> {
    for (const { client } of nodes) {
      if (client.status !== 'ready') continue
      const answer = await Promise.race([client.call('CLUSTER', ...args), expire()]).catch(() => null)
      if (answer !== null) return String(answer)
    }
    throw new Error('no node of the Cluster answers')
  }

  function at(port: number): TestRedis {
    const node = nodes.find((candidate) => candidate.port === port)
    if (node === undefined) throw new Error(`no node at ${port}`)
    return node
  }

  return {
    url: `redis+cluster://${nodes.map((node) => `127.0.0.1:${node.port}`).join(',')}`,
    nodes,
    async masterOf(key) {
      const slot = Number(await ask('KEYSLOT', key))
      let owner: NodeLine | undefined
      await until(async () => {
        owner = parseNodes(await ask('NODES')).find((line) => line.owns(slot))
        return owner !== undefined // between a failure and the election nobody has it
      }, 20_000)
      return at((owner as NodeLine).port)
    },
    async replicaOf(master) {
      const lines = parseNodes(await ask('NODES'))
      const id = lines.find((line) => line.port === master.port)?.id
      const replica = lines.find((line) => line.master === id)
      if (replica === undefined) throw new Error(`${master.port} has no replica`)
      return at(replica.port)
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}

/** A failure is noticed and another master elected within some two seconds. */
function startNode(bus: number): Promise<TestRedis> {
  const options = [
    '--cluster-enabled',
    'yes',
    '--cluster-port',
    String(bus),
    '--cluster-node-timeout',
    '800',
  ]
  return startRedis([...options, '--repl-diskless-sync-delay', '0'])
}

async function knownNodes(node: TestRedis): Promise<number> {
  return parseNodes(String(await node.client.cluster('NODES'))).length
}

async function isComplete(node: TestRedis): Promise<boolean> {
  const lines = parseNodes(String(await node.client.cluster('NODES')))
  const slots = lines.filter((line) => line.slots.length > 0)
  const replicas = lines.filter((line) => line.master !== '-')
  const info = String(await node.client.cluster('INFO'))
  const linked = await node.client.info('replication')
  return (
    /cluster_state:ok/.test(info) &&
    slots.length === 3 &&
    replicas.length === 3 &&
    (/role:master/.test(linked) ? /connected_slaves:1/ : /master_link_status:up/).test(linked)
  )
}

type NodeLine = {
  id: string
  port: number
  master: string
  slots: [number, number][]
  owns(slot: number): boolean
}

/** `CLUSTER NODES`: id, address, flags, master, four numbers, link, slots. */
function parseNodes(text: string): NodeLine[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', address = '', flags = '', master = '-', , , , , ...ranges] = line.split(' ')
      const slots = /fail(?!\?)/.test(flags)
        ? []
        : ranges.map((range) => {
            const [from = 0, to = from] = range.split('-').map(Number)
            return [from, to] as [number, number]
          })
      return {
        id,
        port: Number(/:(\d+)@/.exec(address)?.[1]),
        master,
        slots,
        owns: (slot: number) => slots.some(([from, to]) => from <= slot && slot <= to),
      }
    })
}

function expire(): Promise<null> {
  return new Promise((done) => setTimeout(done, 300, null))
}

const SLOTS = [
  [0, 5460],
  [5461, 10922],
  [10923, 16383],
] as const
