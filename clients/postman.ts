import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import newman from 'newman'
import converter from 'openapi-to-postmanv2'
import { TWO_DEVICES } from './postman-story.ts'

const ROOT = join(import.meta.dirname, '..')
const COLLECTION = join(ROOT, 'docs/oneseat.postman.json')

export type Item = {
  name: string
  item?: Item[]
  request?: {
    method: string
    url: { host: string[]; path: string[]; query: { disabled?: boolean }[]; variable: object[] }
    header: object[]
    body?: { mode: string; raw: string }
  }
  event?: { listen: string; script: { type: string; exec: string[] } }[]
}

/**
 * The Postman collection of `openapi.yaml`, the same text for the same document: a request for every operation, and before them
 * the story of two devices. The cookie jar carries the session, and jars go by host name: so the laptop calls `127.0.0.1` and
 * the phone `localhost`.
 */
export async function makeCollection(): Promise<string> {
  const [title, folders] = await convert(await readFile(join(ROOT, 'openapi.yaml'), 'utf8'))
  const requests = folders.flatMap(({ item = [] }) => item)
  const story = { name: 'Two devices', item: TWO_DEVICES.map((step) => step(requests)) }
  const collection = {
    info: {
      name: title,
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    item: [story, ...folders],
    variable: [
      { key: 'baseUrl', value: 'http://127.0.0.1:3000' },
      { key: 'laptop', value: 'http://127.0.0.1:3000' },
      { key: 'phone', value: 'http://localhost:3000' },
      { key: 'username', value: 'ann' },
      { key: 'password', value: 'nine purple lanterns' },
    ],
  }
  return `${JSON.stringify(collection, null, 1)}\n`
}

/** Throws if the collection in the repository is another than `openapi.yaml` makes. */
export async function compareCollection(): Promise<void> {
  if ((await readFile(COLLECTION, 'utf8')) !== (await makeCollection())) {
    throw new Error('docs/oneseat.postman.json is out of date: run `npm run postman`')
  }
}

/** Has newman follow the story of the two devices against the service at `url`. */
export async function runCollection(url: string): Promise<void> {
  const { port } = new URL(url)
  const variables = { laptop: url, phone: `http://localhost:${port}` }
  const envVar = Object.entries(variables).map(([key, value]) => ({ key, value }))
  await new Promise<void>((done, fail) => {
    newman.run({ collection: COLLECTION, folder: 'Two devices', envVar }, (error, summary) => {
      const failures = summary?.run.failures.map(
        (failure) => `${failure.source?.name}: ${failure.error.message}`,
      )
      if (error !== null) fail(error)
      else if (failures.length > 0) fail(new Error(failures.join('\n')))
      else if (summary.run.stats.assertions.total === 0) fail(new Error('nothing was asserted'))
      else done()
    })
  })
}

async function convert(data: string): Promise<[title: string, folders: Item[]]> {
  const options = { folderStrategy: 'Tags', parametersResolution: 'Example' }
  const { info, item } = await new Promise<{ info: { name: string }; item: Item[] }>((done, fail) => {
    converter.convertV2({ type: 'string', data }, options, (error, { result, reason, output }) => {
      if (error !== null || !result) fail(error ?? new Error(reason))
      else done(output[0].data)
    })
  })
  return [info.name, item.map(tidy)]
}

/** Without random ids, answers that the document has too, and a made-up header for the cookie; optional parameters are off. */
function tidy({ name, item, request }: Item): Item {
  if (request === undefined) return { name, item: (item ?? []).map(tidy) }
  const { method, url, header, body } = request
  for (const parameter of url.query) parameter.disabled = true
  return { name, request: { method, url, header, ...(body === undefined ? {} : { body }) } }
}
