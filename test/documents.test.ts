import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..')
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>
}

/** What runs the commands that documents tell people to type; a new one needs a test. */
const RUN_BY: Record<string, string> = {
  'npm ci': '.ci/run',
  'npm test': '.ci/run',
  'npm start': 'test/readme.test.ts',
  'npm run demo': 'test/examples/demo.test.ts',
  'npm init -y && npm pkg set type=module': 'test/package/packed.ts',
  'npm install --omit=optional fastify ../oneseat/oneseat-0.1.0.tgz': 'test/package/packed.ts',
  'SESSION_SECRET=$(openssl rand -base64 32) node app.js': 'test/package/packed.ts',
  'npm run users -- import users.csv': 'test/cli/run-users.test.ts',
  'npm run users -- password ann': 'test/cli/run-users.test.ts',
  'npm run users -- why ann': 'test/cli/run-users.test.ts',
  'npm run keys -- add shop --scope sign-in': 'test/cli/run-keys.test.ts',
  'npm run keys -- list': 'test/cli/run-keys.test.ts',
  'npm run keys -- revoke shop': 'test/cli/run-keys.test.ts',
  'npm run users -- reset-link ann': 'test/cli/run-users.test.ts',
  'docker build -t oneseat .': 'test/dockerfile.test.ts',
  'docker run -p 127.0.0.1:3000:3000 -v oneseat:/data oneseat': 'test/dockerfile.test.ts',
}

for (const file of globSync('{*,docs/*,examples/*}.md', { cwd: ROOT })) {
  const text = readFileSync(join(ROOT, file), 'utf8')

  t.test(`${file} names no file that is not there`, async (t) => {
    const paths = [...text.matchAll(/`((?:src|schemas|test|tools|docs|bench)\/[^`\s]*)`/g)].map(
      ([, path = '']) => path.replace(/:\d+$/, ''),
    )
    for (const path of new Set(paths)) t.ok(existsSync(join(ROOT, path)), path)
    const links = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)].map(([, link = '']) => link)
    for (const link of new Set(links)) t.ok(existsSync(join(ROOT, dirname(file), link)), link)
    t.pass()
  })

  t.test(`${file} tells of no script that is not there`, async (t) => {
    const named = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name)
    for (const name of new Set(named)) t.ok(scripts[name], name)
    t.pass()
  })

  t.test(`${file} has no command that nothing runs`, async (t) => {
    const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block.trim())
    for (const command of blocks.flatMap((block) => block.split('\n'))) {
      const runner = RUN_BY[command]
      t.ok(runner !== undefined && existsSync(join(ROOT, runner)), command)
    }
    t.pass()
  })
}
