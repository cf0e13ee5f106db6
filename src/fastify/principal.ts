import type { FastifyRequest } from 'fastify'
import type { UserData } from '../sessions/record.ts'
import type { Live } from '../sessions/sessions.ts'
import { type SessionView, viewSession } from './session-view.ts'

/** The user and session of a guarded request, without any secret or hash. */
export class Principal {
  readonly user: { id: string; roles: readonly string[]; data: UserData | null }
  readonly #live: Live
  #session: SessionView | null = null

  constructor(live: Live) {
    const { id, roles, data } = live.user
    this.user = { id, roles, data }
    this.#live = live
  }

  /** The session that the request was made with. */
  get session(): SessionView {
    const { session } = this.#live
    this.#session ??= viewSession(session, session.id)
    return this.#session
  }

  toJSON(): Pick<Principal, 'user' | 'session'> {
    return { user: this.user, session: this.session }
  }

  /** The session as the core knows it, for further calls of `Sessions`. */
  static liveOf(principal: Principal): Live {
    return principal.#live
  }
}

/** The live session of a guarded request. Throws in an open route, where calling it is a bug. */
export function liveOf(request: FastifyRequest): Live {
  if (request.principal === null)
    throw new Error(`${request.routeOptions.url} asks for a principal but is not guarded`)
  return Principal.liveOf(request.principal)
}
