import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'

const ROOT = join(import.meta.dirname, '..')

/** Every file, with what it imports: at once, when it is needed, and of types alone. */
const IMPORTS = new Map(
  globSync('{src,schemas}/**/*.ts', { cwd: ROOT }).map((file) => [file, importsOf(file)]),
)

t.test('no file imports itself, over whatever way', async (t) => {
  const done = new Set<string>()
  const circles: string[][] = []
  function visit(file: string, way: readonly string[]): void {
    const at = way.indexOf(file)
    if (at >= 0) circles.push([...way.slice(at), file])
    if (at >= 0 || done.has(file)) return
    for (const next of IMPORTS.get(file) ?? []) if (IMPORTS.has(next)) visit(next, [...way, file])
    done.add(file)
  }
  for (const file of IMPORTS.keys()) visit(file, [])
  t.strictSame(circles, [])
})

t.test('the core knows nothing but itself and Node.js', async (t) => {
  for (const [file, imports] of IMPORTS) {
    if (!file.startsWith('src/sessions/')) continue
    const foreign = imports.filter(
      (name) => !name.startsWith('src/sessions/') && !name.startsWith('node:'),
    )
    t.strictSame(foreign, [], file)
    const code = codeOf(file)
    t.notMatch(code, /\b(select|insert|update|delete) .*\b(from|into|set)\b/i, `${file} has no SQL`)
    t.notMatch(code, /\b(oneseat_\w+|username|password_hash)\b/, `${file} knows no table of users`)
    t.notMatch(code, /\b(statusCode|reply|[45]\d\d)\b/, `${file} knows no status of HTTP`)
  }
})

t.test(
  'there are six loose files at most; every other one has a folder that says what it is for',
  async (t) => {
    const loose = globSync('src/*', { cwd: ROOT }).filter((name) => name.endsWith('.ts'))
    t.ok(loose.length <= 6, loose.join(' '))
  },
)

t.test('what runs for a request has a name', async (t) => {
  for (const file of IMPORTS.keys()) {
    const unnamed =
      /^ +(handler: )?(async )?\((_?request\b|\{ ?params|\{ ?principal|\) => \w+,$)[^\n]*=>/m
    if (file.startsWith('src/routes/')) t.notMatch(codeOf(file), unnamed, `${file}: handlers`)
    const hook = /addHook\(\s*'(onRequest|pre\w+|onSend|onResponse|onError)',\s*(async )?\([^)]/
    t.notMatch(codeOf(file), hook, `${file}: hooks`)
  }
})

function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const names = text.matchAll(/(?:\bfrom|\bimport)[ (]'([^']+)'/g)
  return [...names].map(([, name = '']) =>
    name.startsWith('.') ? normalize(join(dirname(file), name)) : name,
  )
}

/** A file without its comments. */
function codeOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8').replace(/\/\*.*?\*\/|\/\/.*$/gms, '')
}
