import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { Settings } from '../schemas/settings.ts'
import { CATALOGUE } from '../src/errors.ts'

/** The tables in the documents that say again what the code says: each stands between two comments with its name. */
export const TABLES = {
  api: { file: 'docs/api.md', render: apiTable },
  errors: { file: 'docs/errors.md', render: errorsTable },
  settings: { file: 'README.md', render: settingsTable },
} as const

export type TableName = keyof typeof TABLES

/** The document with the table of this name as it should be. Throws if the document has no place for it. */
export function withTable(document: string, name: TableName): string {
  const [begin, end] = [`<!-- ${name}: made by npm run docs -->\n`, `<!-- /${name} -->`]
  const from = document.indexOf(begin)
  const to = document.indexOf(end)
  if (from < 0 || to < from) throw new Error(`no place for the table ${name}`)
  return `${document.slice(0, from + begin.length)}\n${TABLES[name].render()}\n${document.slice(to)}`
}

type Operation = { summary: string; tags: string[]; security?: object[] }

function apiTable(): string {
  const text = readFileSync(new URL('../openapi.yaml', import.meta.url), 'utf8')
  const { paths, tags } = parse(text) as {
    paths: Record<string, Record<string, Operation>>
    tags: { name: string }[]
  }
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      tag: tags.findIndex(({ name }) => name === operation.tags[0]),
      cells: [`\`${method.toUpperCase()} ${path}\``, operation.summary, whoMay(operation)],
    })),
  )
  const inOrder = rows.sort((a, b) => a.tag - b.tag).map(({ cells }) => cells)
  return table(['Call', 'What it does', 'For'], inOrder)
}

function whoMay({ tags, security }: Operation): string {
  if (tags[0] === 'Administration') return 'administrators'
  if (security?.every((scheme) => 'serviceKey' in scheme) && security.length > 0) return 'a service key'
  return security?.length === 0 ? 'anybody' : 'a session'
}

function errorsTable(): string {
  const rows = Object.entries(CATALOGUE).map(([code, [status, title, detail]]) => [
    `\`${code}\``,
    String(status),
    title,
    detail,
  ])
  return table(['Code', 'Status', 'Title', 'What is wrong, and what to do'], rows)
}

function settingsTable(): string {
  const rows = Object.entries(Settings.properties).map(([name, schema]) => [
    `\`${name}\``,
    schema.default === '' ? 'unset' : `\`${schema.default}\``,
    valuesOf(schema),
    schema.description ?? '',
  ])
  return table(['Setting', 'Default', 'Values', 'Meaning'], rows)
}

function valuesOf(schema: (typeof Settings.properties)[keyof Settings]): string {
  const choices = schema['anyOf'] as { const: string }[] | undefined
  if (choices !== undefined) return choices.map((choice) => `\`${choice.const}\``).join(' ')
  if (schema.type === 'integer') return `${schema['minimum']} to ${schema['maximum']}`
  return schema.pattern?.includes('ms|s|m|h|d') ? 'a duration' : 'text'
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`
}
