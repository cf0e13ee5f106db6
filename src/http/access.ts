import type { RouteOptions } from 'fastify'
import { withCommonRefusals } from './refusals.ts'
import type { Access, App } from './types.ts'

/** Marks every route below as `access`. A scope inside another can only be narrower; anything else stops the start. */
export function declareAccess(scope: App, access: Access): void {
  scope.addHook('onRoute', (route) => {
    const outer = route.config?.access
    if (outer !== undefined && outer !== access && !(outer === 'session' && access === 'admin')) {
      throw new Error(`${route.url} is for ${outer}, but stands in a scope for ${access}`)
    }
    route.config = { ...route.config, access }
    const schema = access === 'public' ? { security: [], ...route.schema } : (route.schema ?? {})
    route.schema = withCommonRefusals(schema, access)
  })
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
