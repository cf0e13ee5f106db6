import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { endWithUs } from './children.ts'

/** A real Redis of a test's own. */
export type TestRedis = {
  url: string
  port: number
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port, with what it had saved. */
  start(): Promise<void>
  pause(): void
  resume(): void
  /** A connection for looking inside; closed with the server. */
  client: Redis
  stop(): Promise<void>
}

/** The server under test: `REDIS_SERVER=valkey-server npm test` runs everything on Valkey. */
export const REDIS_SERVER = process.env['REDIS_SERVER'] ?? 'redis-server'

/** Starts a server on a free port, ready to answer. `args` are its own command-line options. */
export async function startRedis(args: readonly string[] = []): Promise<TestRedis> {
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-redis-'))
  const client = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    retryStrategy: () => 20,
    maxRetriesPerRequest: null,
  })
  client.on('error', () => {})
  let child: ChildProcess

  async function start(): Promise<void> {
    const own = ['--port', String(port), '--dir', dir, '--save', '', '--loglevel', 'warning']
    child = endWithUs(spawn(REDIS_SERVER, [...own, ...args], { stdio: 'ignore' }))
    if (client.status === 'wait') await client.connect().catch(() => {})
    await client.ping()
  }

  async function kill(): Promise<void> {
    const ended = new Promise((done) => child.once('exit', done))
    child.kill('SIGKILL')
    await ended
  }

  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    client,
    start,
    kill,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    async stop() {
      client.disconnect()
      if (child.exitCode === null && child.signalCode === null) await kill()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/**
 * A port that was free a moment ago, below those that the system gives to outgoing connections: of these one that is free
 * now may be taken before a server is up.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000)
    if (given.has(port)) continue // whoever was given it may not listen yet
    given.add(port)
    if (await isFree(port)) return port
  }
}

const given = new Set<number>()

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
  })
}
