import { type Oneseat, oneseatOver } from './fastify/plugin.ts'
import { openStores } from './stores/open-stores.ts'

/**
 * The plugin: one account, one device (or N), in an app of your own with users of your own.
 *
 * ```ts
 * await app.register(oneseat, { secrets: [process.env.SESSION_SECRET], database: 'file:./seats.db' })
 * ```
 */
export const oneseat: Oneseat = oneseatOver(openStores) // its type brings the types of what it adds to Fastify
// biome-ignore lint/style/noDefaultExport: plugins of Fastify are registered either way
export default oneseat

export { type ErrorCode, Refusal } from './errors.ts'
export type { AppSessions } from './fastify/app-sessions.ts'
export type { EndedEvent } from './fastify/ended-events.ts'
export type { OneseatOptions, Refused } from './fastify/options.ts'
export type { Principal } from './fastify/principal.ts'
export type { SessionView } from './fastify/session-view.ts'
export type { SignedIn, SignInOptions, SignInUser } from './fastify/sign-in.ts'
export { oneseatRoutes } from './routes/own-app.ts'
export type { Duration } from './sessions/options.ts'
