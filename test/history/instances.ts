import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Instance, startInstance } from '../support/process.ts'
import { freePort } from '../support/redis.ts'
import type { Setup } from './world.ts'

/** Instances of the program, each on a port that it keeps. */
export type Instances = {
  urls: readonly string[]
  all: Instance[]
  /** The environment of each, which a command of the program can share. */
  envOf(i: number): Record<string, string>
  /** Ends an instance and starts it again on its port, with other environment if given. */
  restart(i: number, signal: NodeJS.Signals, env?: Record<string, string>): Promise<void>
  stop(): Promise<void>
}

/** Starts as many as there are `addresses`: where each finds its stores. */
export async function startInstances(
  setup: Setup,
  addresses: readonly Record<string, string>[],
): Promise<Instances> {
  const ports: number[] = []
  for (const _ of addresses) ports.push(await freePort())
  const { policy } = setup
  const env = {
    SESSION_SECRET: secret(0),
    IDLE_TIMEOUT: `${setup.idleTimeout}ms`,
    ABSOLUTE_TIMEOUT: `${setup.absoluteTimeout}ms`,
    SESSION_LIMIT: String(policy.limit),
    ON_LIMIT: policy.onLimit,
    REFUSE_WHILE_SEEN: `${policy.refuseWhileSeen}ms`,
    ARGON2_MEMORY_KIB: '8',
    ARGON2_PASSES: '1',
    SIGNUP: 'open',
    THROTTLE: 'off',
    ...(setup.without === undefined ? {} : { WITHOUT: setup.without }),
  }

  function envOf(i: number): Record<string, string> {
    return { ...addresses[i], ...env }
  }

  function start(i: number, more: Record<string, string> = {}): Promise<Instance> {
    const skewed = setup.envOf?.(i) ?? {}
    const preloads = ['park', 'stall', ...('SKEW_MS' in skewed ? ['skew'] : [])]
    return startInstance(
      { PORT: String(ports[i]), ...envOf(i), ...skewed, ...more },
      {
        program: setup.without === undefined ? 'src/cli.ts' : 'test/history/server.ts',
        nodeArgs: preloads.map((name) => `--import=${PRELOADS}/${name}.ts`),
      },
    )
  }

  const starting = await Promise.allSettled(ports.map((_, i) => start(i)))
  const all = starting.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = starting.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  return {
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    all,
    envOf,
    async restart(i, signal, more) {
      await all[i]?.stop(signal)
      for (let tries = 1; ; tries++) {
        try {
          all[i] = await start(i, more)
          return
        } catch (error) {
          if (tries === 20) throw error // it does not start while its database is away
        }
      }
    },
    stop,
  }

  async function stop(): Promise<void> {
    await Promise.all(
      all.map((instance) => {
        instance.signal('SIGCONT')
        return instance.stop('SIGKILL')
      }),
    )
  }
}

const PRELOADS = pathToFileURL(join(import.meta.dirname, 'preload')).href

/** The secrets of a world that changes them, in order. */
export function secret(i: number): string {
  return `number ${i} of several secrets of a history test`
}
