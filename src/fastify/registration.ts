import type { FastifyInstance } from 'fastify'
import type { Notices } from '../notices/notices.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { SessionCookie } from './cookie.ts'

/** What the plugin gives to `oneseatRoutes` in the same scope. */
export type Registration = {
  sessions: Sessions
  cookie: SessionCookie
  notices: Notices
  now: () => number
}

/** Stores it on the app, under a symbol, so that it cannot collide with names of the application. */
export function keepRegistration(app: FastifyInstance, registration: Registration): void {
  app.decorate(REGISTRATION, registration)
}

/** The registration in this scope or around it. Throws if there is none. */
export function registrationOf(app: FastifyInstance): Registration {
  if (app.hasDecorator(REGISTRATION)) return app.getDecorator<Registration>(REGISTRATION)
  throw new Error(
    'oneseat: oneseatRoutes needs the plugin. Register oneseat before, in this scope or around it.',
  )
}

const REGISTRATION = Symbol('oneseat')
