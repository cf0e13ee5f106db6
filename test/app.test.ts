import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { startService } from './support/service.ts'

const PHASES = ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'onSend', 'onError']

t.test('the hooks are those that src/app.ts lists, and run in that order', async (t) => {
  const listed = listedHooks()
  t.strictSame(
    listed,
    PHASES.flatMap((phase) => listed.filter((each) => each.startsWith(`${phase} `))),
    'by phase',
  )
  const env = { TRUST_PROXY: '10.0.0.1', ALLOWED_ORIGINS: 'https://app.example' }
  const { app } = await startService(t, 'sqlite', { env })
  const seen = new Set<string>()
  for (const hooks of hooksOfRoutes(app.printRoutes({ includeHooks: true, commonPrefix: false }))) {
    for (const hook of hooks) seen.add(hook)
    const places = hooks.map((hook) => listed.indexOf(hook))
    t.notOk(places.includes(-1), 'all are listed', { hooks })
    t.strictSame(
      places,
      places.toSorted((a, b) => a - b),
      'in this order',
    )
  }
  t.strictSame([...seen].sort(), [...listed].sort(), 'none is listed that is not there')
})

function listedHooks(): string[] {
  const text = readFileSync(join(import.meta.dirname, '../src/app.ts'), 'utf8')
  return [...text.matchAll(/^ \* {5}(\w+) +(\w+) {2,}\w.* {2,}\w/gm)].map(
    ([, phase, name]) => `${phase} ${name}`,
  )
}

/** The hooks of each route as Fastify prints them: a line for each phase. Those that Fastify adds to answer HEAD and 405 are left out. */
function hooksOfRoutes(printed: string): string[][] {
  const routes: string[][] = []
  for (const line of printed.split('\n')) {
    const [, phase, names = ''] = /\((\w+)\) \[(.*)\]$/.exec(line) ?? []
    if (phase === undefined) routes.push([])
    else {
      const own = [...names.matchAll(/"(\w+)\(\)"/g)].map(([, name]) => `${phase} ${name}`)
      routes.at(-1)?.push(...own.filter((hook) => !OTHERS.has(hook)))
    }
  }
  return routes
}

const OTHERS = new Set(['onSend headRouteOnSendHandler', 'onRequest onRequest'])
