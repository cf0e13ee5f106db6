/** The codes of refusals of the core. Each is also the `code` of an answer. */
type SessionsCode =
  /** A simultaneous login with a higher number took the last seat. */
  | 'login_superseded'
  /** The password changed after it was verified, or the user was deleted. */
  | 'invalid_credentials'
  /** The user may not sign in. */
  | 'user_disabled'
  /** This device and another keep signing each other out: both have to wait. */
  | 'kick_war'
  /** The store or SQL did not answer, or not as it should: the outcome is unknown. */
  | 'store_unavailable'

/** A refusal of the core: something the caller can understand and act on. Anything else that is thrown is a bug. */
export class SessionsRefusal extends Error {
  readonly code: SessionsCode
  /** With `store_unavailable`: which server did not answer, if it is not the database. */
  readonly server: 'Redis' | null
  /** With `kick_war`: for how long, milliseconds. */
  readonly wait: number

  constructor(
    code: SessionsCode,
    { cause, server = null, wait = 0 }: { cause?: unknown; server?: 'Redis' | null; wait?: number } = {},
  ) {
    super(code, { cause })
    this.name = 'SessionsRefusal'
    this.code = code
    this.server = server
    this.wait = wait
  }
}

/** Makes the refusal for a store that gave no proper answer. Nobody is let in, and nobody is told to sign in again. */
export function storeUnavailable(cause?: unknown, server: 'Redis' | null = null): SessionsRefusal {
  return new SessionsRefusal('store_unavailable', { cause, server })
}

/** Gives the answer of a store or of SQL, and throws `store_unavailable` for any failure. */
export async function orUnavailable<T>(answer: Promise<T>, server: 'Redis' | null = null): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw error instanceof SessionsRefusal ? error : storeUnavailable(error, server)
  }
}
