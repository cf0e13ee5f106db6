import type { RouteOptions } from 'fastify'
import type { ErrorCode } from '../errors.ts'
import { withCommonRefusals } from './refusals.ts'
import type { Access, App } from './types.ts'

/**
 * Marks every route below as `access`, and as refused with `codes` by further hooks of the scope. A scope inside another can only be
 * narrower; anything else stops the start.
 */
export function declareAccess(scope: App, access: Access, ...codes: ErrorCode[]): void {
  scope.addHook('onRoute', (route) => {
    const outer = route.config?.access
    if (outer !== undefined && outer !== access && !(outer === 'session' && access === 'admin')) {
      throw new Error(`${route.url} is for ${outer}, but stands in a scope for ${access}`)
    }
    route.config = { ...route.config, access }
    const security = SECURITY[access]
    const schema = { ...(security !== undefined && { security }), ...route.schema }
    route.schema = withCommonRefusals(schema, access, codes)
  })
}

/** What opens a route, where it is not a session, as the document says it. */
const SECURITY: { [access in Access]?: { [scheme: string]: string[] }[] } = {
  public: [],
  admin: [{ session: [] }, { token: [] }, { serviceKey: [] }],
  service: [{ serviceKey: [] }],
}

/** Deny by default: a route that no scope has given a rule stops the start. */
export function refuseUnruledRoutes(app: App): void {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
  app.addHook('onReady', async () => {
    for (const { method, url, config } of routes) {
      if (config?.access === undefined)
        throw new Error(`${method} ${url} has no access rule: register it in a scope`)
    }
  })
}
