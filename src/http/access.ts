import type { RouteOptions } from 'fastify'
import type { ErrorCode } from '../errors.ts'
import { withCommonRefusals } from './refusals.ts'
import type { Access, App } from './types.ts'

/**
 * Declares who may call the routes of this scope, and with which `codes` its further hooks refuse. An inner scope can only be
 * narrower; otherwise the start fails.
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

/** The security schemes of a route in `openapi.yaml`, if a session is not the only one. */
const SECURITY: { [access in Access]?: { [scheme: string]: string[] }[] } = {
  public: [],
  admin: [{ session: [] }, { token: [] }, { serviceKey: [] }],
  service: [{ serviceKey: [] }],
}

/** Denies by default: the start fails if a route stands in no scope with an access rule. */
export function requireAccessRules(app: App): void {
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
