import t from 'tap'
import { type Client, type HashQueue, hashQueue } from '../../src/accounts/hash-queue.ts'

const client = (account: string, network = account, known = false): Client => ({
  account,
  network,
  known,
})

/** Asks for a hash for each client in turn, and notes the order in which they run; each one ends before the next begins. */
function asked(queue: HashQueue, clients: Client[]) {
  const ran: string[] = []
  const answers = clients.map((one) =>
    queue.run(one, async () => {
      ran.push(one.account)
      await new Promise((done) => setImmediate(done))
      return one.account
    }),
  )
  return { ran, settled: Promise.allSettled(answers) }
}

const refusedOf = (settled: PromiseSettledResult<string>[]) =>
  settled.flatMap((one, i) => (one.status === 'rejected' ? [`${i} ${one.reason.code}`] : []))

t.test('so many run at once, in the order in which they came', async (t) => {
  const queue = hashQueue(2, 8)
  const { promise, resolve } = Promise.withResolvers<void>()
  const answers = ['a', 'b', 'c'].map((name) =>
    queue.run(client(name), async () => {
      await promise
      return name
    }),
  )
  t.strictSame(queue.counts(), { running: 2, waiting: 1 })
  resolve()
  t.strictSame(await Promise.all(answers), ['a', 'b', 'c'])
  t.strictSame(queue.counts(), { running: 0, waiting: 0 })
})

t.test('work that fails is told, and makes room', async (t) => {
  const queue = hashQueue(1, 8)
  await t.rejects(
    queue.run(client('a'), async () => Promise.reject(new Error('broken'))),
    { message: 'broken' },
  )
  t.equal(await queue.run(client('b'), async () => 'done'), 'done')
})

t.test('an account with many at once lets everybody else go between them', async (t) => {
  const many = Array.from({ length: 6 }, () => client('many'))
  const { ran, settled } = asked(hashQueue(1, 64), [...many, client('ann'), client('bob')])
  await settled
  t.strictSame(ran, ['many', 'ann', 'bob', 'many', 'many', 'many', 'many', 'many'])
})

t.test('so does an account that comes from many networks', async (t) => {
  const many = Array.from({ length: 4 }, (_, i) => client('many', `network ${i}`))
  const { ran, settled } = asked(hashQueue(1, 64), [...many, client('ann')])
  await settled
  t.strictSame(ran.slice(0, 2), ['many', 'ann'])
})

t.test('and a network with many names', async (t) => {
  const names = Array.from({ length: 20 }, (_, i) => client(`name ${i}`, 'many'))
  const { ran, settled } = asked(hashQueue(1, 64), [...names, client('ann')])
  await settled
  t.equal(ran.indexOf('ann'), 8, 'its share of a round comes first, because it was there first')
})

t.test('accounts that go on asking do not keep out one that waits for a later round', async (t) => {
  const queue = hashQueue(1, 64)
  const ran: string[] = []
  const ask = (one: Client) =>
    queue.run(one, async () => {
      ran.push(one.account)
      await new Promise((done) => setImmediate(done))
    })
  const asking = (name: string) => async () => {
    for (let i = 0; i < 20; i++) await ask(client(name))
  }
  const ann = [ask(client('ann')), ask(client('ann')), ask(client('ann'))]
  await Promise.all([...ann, ...['one', 'other', 'third'].map((name) => asking(name)())])
  t.ok(ran.lastIndexOf('ann') <= 10, ran.slice(0, 20).join(' '))
})

t.test('nor do ever new ones', async (t) => {
  const queue = hashQueue(1, 8)
  const ran: string[] = []
  let next = 0
  const ask = (one: Client) =>
    queue.run(one, async () => {
      ran.push(one.account)
      await new Promise((done) => setImmediate(done))
    })
  const asking = async () => {
    for (let i = 0; i < 20; i++) await ask(client(`new ${next++}`))
  }
  const ann = [ask(client('ann')), ask(client('ann'))]
  await Promise.all([...ann, asking(), asking(), asking()])
  t.ok(ran.lastIndexOf('ann') <= 9, ran.slice(0, 20).join(' '))
})

t.test('known devices go first among those of their round, and not before it', async (t) => {
  const { ran, settled } = asked(hashQueue(1, 64), [
    client('running'),
    client('stranger'),
    client('known', 'here', true),
    client('known', 'here', true),
    client('other stranger'),
  ])
  await settled
  t.strictSame(ran, ['running', 'known', 'stranger', 'other stranger', 'known'])
})

t.test(
  'if it is full, the last in turn is refused: the newcomer, or who has had the most',
  async (t) => {
    const queue = hashQueue(1, 4)
    const many = Array.from({ length: 6 }, () => client('many'))
    const { ran, settled } = asked(queue, [...many, client('ann'), client('bob', 'there', true)])
    t.strictSame(queue.counts(), { running: 1, waiting: 4 })
    t.strictSame(refusedOf(await settled), ['3 overloaded', '4 overloaded', '5 overloaded'])
    t.strictSame(ran, ['many', 'bob', 'ann', 'many', 'many'])
  },
)

t.test('a queue full of strangers has room for a known device', async (t) => {
  const strangers = Array.from({ length: 4 }, (_, i) => client(`stranger ${i}`))
  const known = client('ann', 'home', true)
  const { settled } = asked(hashQueue(1, 2), [...strangers, known])
  t.strictSame(refusedOf(await settled), ['2 overloaded', '3 overloaded'])
})

t.test('whether there is room can be asked before anything is counted', async (t) => {
  const queue = hashQueue(1, 2)
  const many = client('many')
  queue.requireRoom(many)
  const { settled } = asked(queue, [many, many, many])
  t.throws(() => queue.requireRoom(many), { code: 'overloaded', headers: { 'retry-after': '2' } })
  queue.requireRoom(client('ann'))
  await settled
})

t.test('of eighty at once for one account, thirty others notice nothing', async (t) => {
  const hog = Array.from({ length: 80 }, () => client('hog', 'here'))
  const others = Array.from({ length: 30 }, (_, i) => client(`user ${i}`, 'here'))
  const { ran, settled } = asked(hashQueue(1, 64), [...hog, ...others])
  const refused = refusedOf(await settled)
  t.ok(refused.every((one) => Number.parseInt(one, 10) < 80))
  const before = ran.slice(0, ran.lastIndexOf('user 29')).filter((name) => name === 'hog')
  t.ok(before.length <= 6, `${before.length} of the one account went before the last of the others`)
})

t.test('strangers at its account or in its network take no share from a known device', async (t) => {
  const strangers = Array.from({ length: 20 }, (_, i) => client(`name ${i % 4}`, 'office'))
  const ann = client('ann', 'office')
  const { ran, settled } = asked(hashQueue(1, 64), [ann, ann, ...strangers, { ...ann, known: true }])
  await settled
  t.strictSame(ran.slice(0, 3), ['ann', 'ann', 'name 0'], 'it is the next to run')
})

t.test('what an account had before the current round does not count against it', async (t) => {
  const queue = hashQueue(1, 8)
  for (let i = 0; i < 50; i++) await queue.run(client('ann'), async () => {})
  const names = ['running', 'bob', 'bob', 'bob', 'ann']
  const { ran, settled } = asked(
    queue,
    names.map((name) => client(name)),
  )
  await settled
  t.strictSame(ran, ['running', 'bob', 'bob', 'ann', 'bob'])
})
