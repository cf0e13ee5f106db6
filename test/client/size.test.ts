import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { build, type Rollup } from 'vite'

const ROOT = join(import.meta.dirname, '../..')

t.test('the client is one file of less than 4 KiB, and needs nothing', async (t) => {
  const [bundle] = (await build({
    root: ROOT,
    configFile: false,
    logLevel: 'warn',
    build: { write: false, lib: { entry: 'src/client/client.ts', formats: ['es'] } },
  })) as Rollup.RollupOutput[]
  const [chunk, ...others] = bundle?.output ?? []
  t.strictSame([chunk?.imports, others], [[], []])
  const bytes = gzipSync(chunk?.code ?? '').length
  t.ok(bytes < 4096, `${bytes} bytes`)
  t.ok(bytes > 1000)
})
