/** How long a client may take, milliseconds, and how many connections there may be. */
export type Limits = {
  headers: number
  /** The whole request, headers and body. Must be more than `headers`, or Node enforces neither as meant. */
  request: number
  /** Between two requests on one connection. */
  keepAlive: number
  /** Without a byte either way, as when an answer is not read. Event streams send more often than this. */
  silence: number
  checkEvery: number
  /** For the requests that are under way when the server is asked to stop. */
  drain: number
  connections: number
}

/** The limits of the program; tests pass shorter ones. */
export const LIMITS: Limits = {
  headers: 5_000,
  request: 10_000,
  keepAlive: 72_000,
  silence: 120_000,
  checkEvery: 1_000,
  drain: 5_000,
  connections: 20_000,
}
