import { randomBytes } from 'node:crypto'
import pg from 'pg'
import type { Test } from 'tap'
import { startPostgres } from './postgres.ts'

/**
 * The URL of an empty PostgreSQL database of this test's own: in the cluster that `npm test` started for the whole run, or,
 * when a test file is run by hand, in one that is started for it.
 */
export async function openDatabase(t: Test): Promise<string> {
  const url = new URL(process.env['TEST_POSTGRES_URL'] ?? (await startForThisFile(t)))
  const client = new pg.Client(url.href)
  await client.connect()
  url.pathname = `/test_${randomBytes(6).toString('hex')}`
  await client.query(`CREATE DATABASE ${url.pathname.slice(1)}`)
  await client.end()
  return url.href
}

let started: Promise<string> | undefined

function startForThisFile(t: Test): Promise<string> {
  started ??= startPostgres().then((postgres) => {
    root(t).teardown(() => postgres.stop())
    return postgres.url
  })
  return started
}

/** The test file itself: its teardown runs after that of every test in it. */
function root(t: Test): Test {
  let outermost = t
  while (outermost.t.parent !== undefined) outermost = outermost.t.parent as Test
  return outermost
}
