import { METHODS as HTTP_METHODS } from 'node:http'
import { Refusal } from '../errors.ts'
import type { App } from './types.ts'

/** Answers 405 and `Allow` (RFC 9110 §15.5.6) for the methods that a known path does not take. Call it after all routes. */
export function refuseOtherMethods(app: App, known: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const method of METHODS) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)
  for (const [url, methods] of [...known]) {
    const others = METHODS.filter((method) => !methods.has(method))
    const allow = [...new Set([...methods, 'OPTIONS'])].sort().join(', ')
    app.route({
      method: others,
      url,
      schema: { hide: true },
      // This runs before the body is read: its content does not matter.
      onRequest: async (request, reply) => {
        if (request.method !== 'OPTIONS') throw new Refusal('method_not_allowed', { headers: { allow } })
        return reply.code(204).header('allow', allow).send()
      },
      handler: () => {},
    })
  }
}

/** Collects the methods of each path, of routes that are added after this call. */
export function collectMethods(app: App): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = known.get(url) ?? new Set()
    for (const name of [method].flat()) methods.add(name)
    known.set(url, methods)
  })
  return known
}

/** All methods that Node's parser knows. CONNECT never gets here: Node ends the connection. */
const METHODS = HTTP_METHODS.filter((method) => method !== 'CONNECT')
