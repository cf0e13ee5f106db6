/** What a key may be used for: to say who has signed in, or for all that administrators do. */
export const SCOPES = ['sign-in', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** A service key as it is kept: never the key itself. Times are milliseconds since 1970. */
export type ServiceKey = {
  /** Unique. The timeline names it. */
  name: string
  scope: Scope
  createdAt: number
  /** To the minute; null: never. */
  lastUsedAt: number | null
}

/** The service keys, in SQL. A method that cannot reach its database throws `store_unavailable`. */
export interface Keys {
  /** Keeps a key by its hash; false, and no effect, if there is one of this name. */
  add(key: { name: string; scope: Scope; hash: string }): Promise<boolean>

  /**
   * The key with this hash, and notes that it was used; null if there is none. It is looked up by what a hash function made of
   * the secret, so the time that this takes tells nothing about a key.
   */
  find(hash: string): Promise<ServiceKey | null>

  /** All keys, by name. */
  list(): Promise<ServiceKey[]>

  /** Removes a key: no instance takes it any more. False if there is none of this name. */
  revoke(name: string): Promise<boolean>
}
