import type { Sql } from '../database/sql.ts'
import type { SqlNumbers } from '../database/sql-numbers.ts'
import type { UserData } from '../sessions/record.ts'
import type { Change, Sessions } from '../sessions/sessions.ts'
import type { EndedEvent } from './ended-events.ts'
import { type SessionView, viewSession } from './session-view.ts'

/** What an application can do with the sessions of its users. */
export type AppSessions = {
  /** The user's live sessions, newest first. Empty for an unknown user. */
  list(userId: string): Promise<SessionView[]>

  /** Ends one session of the user by its id, or all of them (null). Gives the ids of the sessions it ended. */
  revoke(userId: string, sessionId: string | null): Promise<string[]>

  /**
   * Changes the roles or the data of a user, or whether they may sign in. Running sessions have the change on their next request,
   * on every instance; those of a disabled user end. Adds a user who has never signed in. `data` is up to 1 KiB of JSON; null
   * removes it.
   */
  update(
    userId: string,
    change: { roles?: readonly string[]; disabled?: boolean; data?: UserData | null },
  ): Promise<void>

  /**
   * Calls `listener` for each session that ends, on whichever instance: a hint, to close a socket for instance. Gives what stops
   * that, for whoever listens for as long as a socket is open.
   */
  on(event: 'ended', listener: (event: EndedEvent) => unknown): () => void
}

type Needed = {
  sessions: Sessions
  db: Pick<Sql, 'transaction'>
  numbers: SqlNumbers
  newHandle: () => string
  listen: (listener: (event: EndedEvent) => unknown) => () => void
}

export function appSessions({ sessions, db, numbers, newHandle, listen }: Needed): AppSessions {
  return {
    async list(userId) {
      const user = await numbers.numbers.find({ id: checkUserId(userId) })
      const live = user === null ? [] : await sessions.list(user.handle)
      return live.map((session) => viewSession(session, null))
    },

    async revoke(userId, sessionId) {
      if (sessionId === undefined)
        throw new TypeError('oneseat: revoke takes a session id, or null for all')
      const user = await numbers.numbers.find({ id: checkUserId(userId) })
      const ended = user === null ? [] : await sessions.revoke(user.handle, sessionId, 'session_revoked')
      return ended.map(({ id }) => id)
    },

    async update(userId, { roles, disabled, data }) {
      checkRoles(roles)
      checkData(data)
      if (disabled !== undefined && typeof disabled !== 'boolean')
        throw new TypeError('oneseat: disabled is true or false')
      const id = checkUserId(userId)
      const user = await numbers.numbers.find({ id, create: newHandle() })
      const handle = user?.handle ?? ''
      const set = { roles, disabled, data }
      const change: Change = (raise) => db.transaction(() => numbers.parts.raise(handle, raise, set))
      await sessions.update(handle, change)
    },

    on(event, listener) {
      if (event !== 'ended') throw new TypeError('oneseat: the only event is ended')
      return listen(listener)
    },
  }
}

/** Throws unless `id` is a string of 1 to 128 UTF-16 units that a database can store. Ids are compared as they are. */
export function checkUserId(id: unknown): string {
  const isText = typeof id === 'string' && id.length >= 1 && id.length <= 128
  if (isText && id.isWellFormed() && !id.includes('\0')) return id
  const hint = typeof id === 'number' || typeof id === 'bigint' ? '. For a number pass String(id)' : ''
  throw new TypeError(`oneseat: a user id is a string of 1 to 128 characters, without NUL${hint}`)
}

/** Throws unless `roles` is absent or a short list of strings. Their meaning is up to the application. */
export function checkRoles(roles: unknown): void {
  if (roles === undefined) return
  const isRole = (role: unknown) => typeof role === 'string' && role.length >= 1 && role.length <= 128
  if (!Array.isArray(roles) || roles.length > ROLES_MAX || !roles.every(isRole))
    throw new TypeError(
      `oneseat: roles is a list of at most ${ROLES_MAX} strings of 1 to 128 characters`,
    )
}

/** Throws if `data` is too large: it is stored and read with each session. */
export function checkData(data: unknown): void {
  if (data === undefined || data === null) return
  const isObject = typeof data === 'object' && !Array.isArray(data)
  if (!isObject || JSON.stringify(data).length > DATA_MAX)
    throw new TypeError(`oneseat: data is an object of at most ${DATA_MAX} characters of JSON`)
}

const DATA_MAX = 1024
const ROLES_MAX = 64
