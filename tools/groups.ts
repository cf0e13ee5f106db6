import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import coverageMap from './coverage-map.ts'

/**
 * The files that tap is to run. Loading the service takes 2 s of processor time, more than most test files take for the rest,
 * so files of one folder share a process, a few at a time; `.tap/groups` has a file for each such process.
 */
export function groupedTests(root: string): string[] {
  const groups = join(root, '.tap/groups')
  rmSync(groups, { recursive: true, force: true })
  mkdirSync(groups, { recursive: true })
  const files = globSync('test/**/*.test.ts', { cwd: root }).sort()
  const alone = files.filter((file) => ALONE.test(file))
  const folders = Map.groupBy(
    files.filter((file) => !ALONE.test(file)),
    (file) => (coverageMap(file) === null ? 'uncounted' : dirname(file)),
  )
  const shared = [...folders].flatMap(([folder, all]) =>
    inParts(all).map((part, nth) => {
      const group = join('.tap/groups', `${folder.replaceAll('/', '-')}-${nth + 1}.test.ts`)
      writeFileSync(join(root, group), loading(root, part))
      return group
    }),
  )
  return [...alone, ...shared]
}

/** Neighbours go to different parts: files of one subject are often slow for one reason. */
function inParts(files: readonly string[]): string[][] {
  const parts = Math.ceil(files.length / MOST)
  return Array.from({ length: parts }, (_, part) => files.filter((_file, nth) => nth % parts === part))
}

function loading(root: string, files: readonly string[]): string {
  const together = JSON.stringify(join(root, 'tools/run-together.ts'))
  const all = files.map((file) => `  ${JSON.stringify(file)},\n`).join('')
  return `import { runTogether } from ${together}\n\nrunTogether([\n${all}])\n`
}

const MOST = 6

/** Those that take long, and those that put something of their own in place of a package, before anybody loads it. */
const ALONE = new RegExp(
  [
    '^test/(examples|fuzz|history|cli/run-)',
    '^test/journeys/(?!anonymous|endings|kick|limits|proxy-shapes|seats|takeover|told|webhooks-bad)',
    '^test/sessions/(explorer|model)',
    '^test/(dockerfile|openapi-calls|readme|server|start)',
    '^test/accounts/(passwords|refused-work)',
  ].join('|'),
)
