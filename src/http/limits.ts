/** How long a client may take, milliseconds, and how many connections there may be. */
export type Limits = {
  headers: number
  /** For the whole request, headers and body. Must be more than `headers`, or Node does not enforce them correctly. */
  request: number
  /** Between two requests on one connection. */
  keepAlive: number
  /** Without a byte in either direction, for example if the client does not read the answer. Event streams send more often. */
  silence: number
  checkEvery: number
  /** For requests that are under way when the server stops. */
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
