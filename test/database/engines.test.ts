import t from 'tap'
import { preload, startInstance } from '../support/process.ts'
import { sharedStores } from '../support/stores.ts'

// The engines that the settings name are opened, and nothing else is even loaded.

/** Says on standard error which of these packages are loaded. */
const TELL = `
  import { registerHooks } from 'node:module'
  registerHooks({
    load(url, context, next) {
      const [, name] = /node_modules\\/(pg|ioredis|better-sqlite3)\\//.exec(url) ?? []
      if (name !== undefined) process.stderr.write(name + '\\n')
      return next(url, context)
    },
  })`

const NEEDED = {
  sqlite: ['better-sqlite3'],
  redis: ['better-sqlite3', 'ioredis'],
  postgres: ['pg'],
} as const

for (const engine of ['sqlite', 'redis', 'postgres'] as const) {
  t.test(`loaded are only ${NEEDED[engine].join(' and ')} [${engine}]`, async (t) => {
    const instance = await startInstance(await sharedStores(t, engine), preload(TELL))
    t.equal(await instance.stop(), 0)
    const told = instance.stderr().split('\n')
    const loaded = ['better-sqlite3', 'ioredis', 'pg'].filter((name) => told.includes(name))
    t.strictSame(loaded, NEEDED[engine])
  })
}
