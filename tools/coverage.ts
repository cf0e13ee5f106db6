import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * The files with code in them that the last run of tap did not even load. Its own report leaves these out, and would call
 * a program complete of which it has seen half.
 */
export function unloadedFiles(root: string): string[] {
  const loaded = loadedUrls(join(root, '.tap/coverage'))
  return globSync('{src,schemas}/**/*.ts', { cwd: root })
    .filter((file) => CODE.test(readFileSync(join(root, file), 'utf8')))
    .filter((file) => !loaded.has(pathToFileURL(join(root, file)).href))
    .sort()
}

function loadedUrls(directory: string): Set<string> {
  const urls = new Set<string>()
  for (const name of readdirSync(directory)) {
    const { result } = JSON.parse(readFileSync(join(directory, name), 'utf8')) as {
      result: { url: string }[]
    }
    for (const { url } of result) urls.add(url)
  }
  return urls
}

/** A file without any of these declares types only, and vanishes when it runs. */
const CODE = /^(?:export )?(?:async )?(?:function|class|const|let)\b/m
