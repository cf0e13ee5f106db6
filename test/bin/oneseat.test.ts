import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { withoutTap } from '../support/children.ts'
import { preload } from '../support/process.ts'

const PROGRAM = join(import.meta.dirname, '../../bin/oneseat.js')

function run(args: readonly string[], nodeArgs: readonly string[] = [], program = PROGRAM) {
  const [command, all] = withoutTap(process.execPath, [...nodeArgs, program, ...args])
  const { status, stdout, stderr } = spawnSync(command, all, { encoding: 'utf8', env: {} })
  return { status, stdout, stderr }
}

const pretend = (version: string) =>
  preload(
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`,
  ).nodeArgs

t.test('a Node.js that is too old is told so in one line, whatever was asked for', async (t) => {
  for (const version of ['16.20.2', '18.0.0', '20.20.2', '22.0.0', '22.17.1', '23.5.0'])
    for (const args of [['serve'], ['users', 'list'], ['demo'], ['--help'], []])
      t.strictSame(run(args, pretend(version)), {
        status: 1,
        stdout: '',
        stderr: `oneseat: needs Node.js 22.18 or later, and this is ${version}. Install one, or run npm ci with development packages and install scripts, which brings one along.\n`,
      })
})

t.test('any other runs the program', async (t) => {
  for (const version of ['22.18.0', '23.6.0', '24.0.0', '26.1.0'])
    t.match(
      run(['--help'], pretend(version)),
      { status: 0, stderr: '', stdout: /oneseat serve/ },
      version,
    )
  t.match(run(['nonsense']), { status: 2, stderr: /there is no command nonsense/ })
})

t.test('packages that are not there are told of in one line, and a bug is not hidden', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'oneseat-bin-'))
  t.teardown(() => rmSync(dir, { recursive: true }))
  for (const name of ['bin', 'src', 'examples/demo']) mkdirSync(join(dir, name), { recursive: true })
  writeFileSync(join(dir, 'package.json'), '{ "type": "module" }')
  const program = join(dir, 'bin/oneseat.js')
  writeFileSync(program, readFileSync(PROGRAM))
  writeFileSync(join(dir, 'src/cli.ts'), "import 'a-package-that-nobody-has'\n")
  t.strictSame(run(['serve'], [], program), {
    status: 1,
    stdout: '',
    stderr: 'oneseat: packages are missing: run npm ci without --omit=optional.\n',
  })
  writeFileSync(join(dir, 'examples/demo/main.ts'), "import 'a-package-that-nobody-has'\n")
  t.strictSame(run(['demo'], [], program), {
    status: 1,
    stdout: '',
    stderr: 'oneseat: packages are missing: run npm ci with development packages.\n',
  })
  writeFileSync(join(dir, 'src/cli.ts'), "throw new Error('a bug')\n")
  t.match(run(['serve'], [], program), { status: 1, stderr: /Error: a bug\n +at/ })
})

t.test('an old Node.js can read it, and the limit is the one of package.json', async (t) => {
  const text = readFileSync(PROGRAM, 'utf8')
  t.notMatch(
    text,
    /\?\?|\?\.|^\s*import\s+[^(]|^await|#\w+\s*[=(;]/m,
    'nothing that came after Node.js 14',
  )
  const { engines, scripts } = JSON.parse(readFileSync(join(PROGRAM, '../../package.json'), 'utf8'))
  t.equal(engines.node, '>=22.18')
  t.match(scripts.start, /node bin\/oneseat\.js serve$/)
  t.match(scripts.users, /node bin\/oneseat\.js users$/)
  t.match(scripts.demo, /node bin\/oneseat\.js demo$/)
})
