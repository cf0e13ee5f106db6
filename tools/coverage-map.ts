/**
 * For tap: the lines that a test file counts, as patterns; null for none. Tests of the whole service count none: each line
 * is to be covered by the tests of its own part, and what is counted runs more slowly.
 */
// biome-ignore lint/style/noDefaultExport: tap asks for it
export default function coverageMap(testFile: string): string[] | null {
  return /^test\/(asvs|examples|fuzz|history|journeys|sessions\/(model|explorer))|^test\/(openapi-calls|dockerfile|readme|logs)|^\.tap\/groups\/uncounted/.test(
    testFile,
  )
    ? null
    : ALL
}

const ALL: string[] = []

// tap reads this in its own process, after it has set what it need not note. Which files of packages a test loads is
// nobody's question, and for each tap would decode a source map: 0.25 s of processor time for every test of a route.
process.env['_TAPJS_PROCESSINFO_EXCLUDE_'] = String(/^(node|tapmock):|[\\/](\.tap|node_modules)[\\/]/)
