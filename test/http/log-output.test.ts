import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { logOutput } from '../../src/http/log-output.ts'

const LINE = '{"msg":"a line"}\n'

t.test('a line that a slow reader takes in parts is whole', (t) => {
  let taken = ''
  let calls = 0
  const { write } = logOutput((bytes) => {
    if (++calls % 2 === 1) throw failure('EAGAIN')
    taken += bytes.subarray(0, 5)
    return Math.min(5, bytes.length)
  })
  write(LINE)
  t.equal(taken, LINE)
  t.end()
})

t.test('what cannot be written is lost, and the next line is tried again', (t) => {
  const taken: string[] = []
  let problem: Error | null = failure('ENOSPC')
  const { write } = logOutput((bytes) => {
    if (problem !== null) throw problem
    taken.push(String(bytes))
    return bytes.length
  })
  write('lost\n')
  problem = failure('EPIPE')
  write('lost too\n')
  problem = failure('EAGAIN')
  write('lost after a moment, because nobody reads\n')
  problem = null
  write(LINE)
  t.strictSame(taken, [LINE])
  t.end()
})

t.test('it goes to standard output, where a comment is no harm to the report of this test', (t) => {
  logOutput().write('# a line of the log\n')
  t.end()
})

t.test('with a log on a full disk the program goes on', async (t) => {
  const { href } = new URL('../../src/http/server.ts', import.meta.url)
  const program = `
    import { createFastify } from '${href}'
    const app = createFastify({ logLevel: 'info', trustProxy: [] })
    app.log.info('a line')
    setImmediate(() => {
      app.log.fatal('the last line')
      process.stderr.write('still here')
      process.exit(0)
    })`
  const command = [
    'exec "$0" "$@" >/dev/full',
    process.execPath,
    '--disable-warning=ExperimentalWarning',
  ]
  const child = spawn('sh', ['-c', ...command, '--input-type=module', '-e', program])
  t.teardown(() => child.kill('SIGKILL'))
  t.equal(await text(child.stderr), 'still here')
})

function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}
