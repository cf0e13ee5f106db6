import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { shareOut } from '../../src/workers/primary.ts'
import { PASSWORD } from '../support/browser.ts'
import { type Instance, preload, startInstance } from '../support/process.ts'
import { openSocket, receive, request } from '../support/raw.ts'
import { CHEAP_HASHES } from '../support/service.ts'
import { until } from '../support/until.ts'
import { openWires, type Wire } from '../support/wires.ts'
import { childrenOf, environmentOf, gone, linesOf, startWorkers } from '../support/workers.ts'

// The program with several workers, as processes: how they start, die, and stop.

t.jobs = 2 // they wait more than they compute

/** Has a server take one connection at a time. */
const ONE_CONNECTION = `
  const { listen } = net.Server.prototype
  net.Server.prototype.listen = function (...given) {
    this.maxConnections = 1
    return listen.apply(this, given)
  }`

t.test('the first start is told once, makes one secret, and divides the hashes', async (t) => {
  const { env, dir } = place(t)
  const settings = { ...env, HASH_CONCURRENCY: '3', THROTTLE: 'off' }
  const { instance, pids } = await startWorkers(t, settings, { counted: true })
  await until(() => instance.stderr().includes('/me -b jar'))
  t.match(instance.stderr(), `Oneseat listens on ${instance.url}\n`)
  t.same(
    readdirSync(dir).filter((name) => name.includes('secret')),
    ['session-secret'],
  )
  t.equal(linesOf(instance, 'weak_setting').length, 2, 'warnings are written once')
  t.strictSame(
    pids.map((pid) => environmentOf(pid, 'HASH_CONCURRENCY')),
    ['2', '1'],
  )
  const [one, other] = (await openWires(t, instance.url, pids)) as [Wire, Wire]
  const ann = one.device()
  await ann.post('/register', { username: 'ann', password: PASSWORD })
  await ann.login('ann')
  t.equal((await other.device(ann).get('/me')).status, 200, 'the cookie of one is good for the other')

  const { port } = new URL(instance.url)
  await t.rejects(startInstance({ ...env, WORKERS: '2', PORT: port }), {
    message: /^ended with 1 before it listened\noneseat: HOST, PORT: [^\n]*EADDRINUSE[^\n]*\n$/,
  })
  t.equal(await instance.stop(), 0)
  t.equal(instance.stderr().match(/Oneseat listens on/g)?.length, 1)
})

t.test('what cannot work ends the program with 1 and one message', async (t) => {
  const { env, dir } = place(t)
  await t.rejects(startInstance({ ...env, WORKERS: '2', SESSION_SECRET: 'short' }), {
    message: /^ended with 1 before it listened\noneseat: SESSION_SECRET: [^\n]*\n$/,
  })
  await t.rejects(startInstance({ ...env, WORKERS: '2', DATABASE_URL: `file:${dir}` }), {
    message: /^ended with 1 before it listened\noneseat: DATABASE_URL: EISDIR[^\n]*\n$/,
  })
  const dying = inCluster('if (cluster.isWorker) process.kill(process.pid, "SIGKILL")')
  await t.rejects(startInstance({ ...env, WORKERS: '2' }, dying), {
    message:
      /^ended with 1 before it listened\noneseat: a worker ended with SIGKILL before it served\n$/,
  })

  const others = inCluster(`if (cluster.worker?.id > 1) process.env.DATABASE_URL = 'file:${dir}'`)
  const instance = await startInstance({ ...env, WORKERS: '3' }, { ...others, counted: true })
  t.equal(await ended(instance), 1, 'also if the others cannot do what the first could')
  t.match(instance.stderr(), /^oneseat: DATABASE_URL: EISDIR[^\n]*\n$/)
  await gone(instance.logs.map(({ pid }) => pid as number))
})

t.test('a worker that dies is replaced; the other goes on, and nobody is signed out', async (t) => {
  const { env, dir } = place(t)
  const broken = inCluster(
    `if (cluster.worker?.id === 3) process.env.DATABASE_URL = 'file:${dir}'
    if (cluster.worker?.id === 5) await new Promise((done) => setTimeout(done, 60_000))`,
  )
  const { instance, pids } = await startWorkers(t, env, { ...broken, counted: true })
  const [one, other] = (await openWires(t, instance.url, pids)) as [Wire, Wire]
  const ann = one.device()
  await ann.post('/register', { username: 'ann', password: PASSWORD })
  await ann.login('ann')

  process.kill(one.worker, 'SIGKILL')
  t.equal((await other.device(ann).get('/me')).status, 200, 'the other serves meanwhile')
  await until(() => linesOf(instance, 'worker_replaced').length === 1)
  const line = { pid: instance.pid, level: 50 }
  t.match(linesOf(instance, 'worker_died'), [
    { ...line, worker: one.worker, how: 'SIGKILL', pause: 100 },
    { ...line, how: 1, pause: 200 },
  ])
  t.match(
    linesOf(instance, 'worker_failed'),
    [{ ...line, reason: /^DATABASE_URL: EISDIR/ }],
    'it is tried again',
  )
  const third = linesOf(instance, 'worker_replaced')[0]?.['worker'] as number
  const [wire] = (await openWires(t, instance.url, [third])) as [Wire]
  t.equal((await wire.device(ann).get('/me')).status, 200)

  process.kill(third, 'SIGKILL')
  await until(() => childrenOf(instance.pid).some((pid) => ![other.worker, third].includes(pid)))
  const asked = performance.now()
  t.equal(await instance.stop(), 0)
  t.ok(performance.now() - asked < 5_000, 'a stop does not wait for one that does not serve yet')
  t.equal(linesOf(instance, 'worker_failed').length, 1, 'and calls it no failure')
})

t.test('a worker that the system has no room for is tried again', async (t) => {
  const failing = inCluster(`
    const { ChildProcess } = await import('node:child_process')
    const { spawn } = ChildProcess.prototype
    let count = 0
    ChildProcess.prototype.spawn = function (options) {
      const error = { 3: -24, 4: -12 }[++count] // EMFILE is told later, ENOMEM is thrown
      if (error !== undefined) this._handle.spawn = () => error
      return spawn.call(this, options)
    }`)
  const { env } = place(t)
  const { instance, pids } = await startWorkers(t, env, { ...failing, counted: true })
  process.kill(pids[0] as number, 'SIGKILL')
  await until(() => linesOf(instance, 'worker_replaced').length === 1)
  t.match(linesOf(instance, 'worker_died'), [{ how: 'SIGKILL' }, { how: /EMFILE/ }, { how: /ENOMEM/ }])
  t.match(linesOf(instance, 'worker_failed'), [{ reason: /EMFILE/ }, { reason: /ENOMEM/ }])
  const third = linesOf(instance, 'worker_replaced')[0]?.['worker'] as number
  const [wire] = (await openWires(t, instance.url, [third])) as [Wire]
  const ann = wire.device()
  await ann.post('/register', { username: 'ann', password: PASSWORD })
  for (let i = 0; i < 2; i++) t.equal((await wire.device().login('ann')).status, 200, 'with a notice')
  t.match(await ann.get('/metrics'), { status: 200 })
  t.equal(await instance.stop(), 0)
})

t.test('a bug ends one worker, in order; one of the primary process ends all', async (t) => {
  const bug = inCluster('process.on("SIGUSR2", () => { throw new Error("a bug") })')
  const { instance, pids } = await startWorkers(t, place(t).env, bug)
  process.kill(pids[0] as number, 'SIGUSR2')
  await until(() => linesOf(instance, 'worker_replaced').length === 1)
  t.match(linesOf(instance, 'worker_died'), [{ worker: pids[0], how: 1 }])
  t.equal(await instance.stop('SIGUSR2'), 1)
  const fatal = instance.logs.filter(({ level }) => level === 60)
  t.strictSame(
    fatal.map(({ pid, msg }) => [pid, msg]),
    [
      [pids[0], 'stopping after an error'],
      [instance.pid, 'stopping after an error'],
    ],
  )
  await gone(pids)
})

t.test('asked to stop, all finish what is under way, and nothing is left', async (t) => {
  const { instance, pids } = await startWorkers(t, place(t).env)
  const underWay = await Promise.all([1, 2, 3, 4].map(() => openSocket(instance.url)))
  for (const socket of underWay) socket.write('GET /health/live HTTP/1.1\r\n')
  await openWires(t, instance.url, pids) // so whatever came before has reached a worker

  const signalWorkers = () => pids.map((pid) => process.kill(pid, 'SIGINT'))
  signalWorkers() // a terminal signals them all, and so does systemd, in any order
  const stopped = instance.stop('SIGINT')
  await until(() => refuses(instance.url))
  signalWorkers()
  for (const socket of underWay) {
    socket.write('Host: oneseat.test\r\n\r\n')
    t.match(await receive(socket), { answers: [{ status: 200 }] })
  }
  t.equal(await stopped, 0)
  await gone(pids)
  t.strictSame(linesOf(instance, 'worker_died'), [])
})

t.test('a second signal ends also what does not answer any more', async (t) => {
  const { instance, pids } = await startWorkers(t, place(t).env)
  const [one, other] = pids as [number, number]
  const [wire] = (await openWires(t, instance.url, [other])) as [Wire]
  process.kill(one, 'SIGSTOP')
  t.equal((await wire.device().get('/metrics')).status, 503, 'nor does anybody tell half of the metrics')
  const stopped = instance.stop('SIGTERM')
  await gone([other])
  instance.signal('SIGTERM')
  t.equal(await stopped, 1)
  await gone([one])
})

t.test('workers that are full pass no connection around; none outlives the primary', async (t) => {
  const { instance, pids } = await startWorkers(t, place(t).env, inCluster(ONE_CONNECTION))
  await openWires(t, instance.url, pids)
  for (let i = 0; i < 3; i++) {
    const socket = await openSocket(instance.url)
    socket.write(request('GET /health/live'))
    t.strictSame(await receive(socket), { answers: [], closed: true })
  }
  await instance.stop('SIGKILL')
  await gone(pids)
})

t.test('shares add up to the whole and differ by one at most, but nobody gets nothing', async (t) => {
  t.strictSame(shareOut(7, 4), [2, 2, 2, 1])
  t.strictSame(shareOut(1, 3), [1, 1, 1])
  const some = fc.integer({ min: 1, max: 128 })
  fc.assert(
    fc.property(some, some, (total, workers) => {
      const shares = shareOut(total, workers)
      const sum = shares.reduce((all, share) => all + share, 0)
      const [least, most] = [Math.min(...shares), Math.max(...shares)]
      return shares.length === workers && sum === Math.max(total, workers) && most - least <= 1
    }),
  )
})

/** A directory of the test's own, and the settings to start there. */
function place(t: Test) {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-workers-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return { dir, env: { ...CHEAP_HASHES, DATABASE_URL: `file:${join(dir, 'oneseat.db')}` } }
}

/** Has every process of the program run this first. */
function inCluster(code: string) {
  return preload(`import cluster from 'node:cluster'; import net from 'node:net'; ${code}`)
}

function ended(instance: Instance): Promise<number | null> {
  return instance.stop('SIGCONT')
}

async function refuses(url: string): Promise<boolean> {
  try {
    const socket = await openSocket(url)
    socket.destroy()
    return false
  } catch {
    return true
  }
}
