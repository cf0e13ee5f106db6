/** What a key allows: `sign-in` to sign users in, `admin` to do what administrators do. */
export const SCOPES = ['sign-in', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** A stored service key, without the key itself. Times are milliseconds since 1970. */
export type ServiceKey = {
  /** Unique. The timeline shows it. */
  name: string
  scope: Scope
  createdAt: number
  /** To the minute; null: never. */
  lastUsedAt: number | null
}

/** The service keys, in SQL. A method that cannot reach its database throws `store_unavailable`. */
export interface Keys {
  /** Stores a key by its hash; false, and no effect, if the name is taken. */
  add(key: { name: string; scope: Scope; hash: string }): Promise<boolean>

  /**
   * Finds the key with this hash and stores that it was used; null if there is none. The look-up is by a hash, so its time tells
   * nothing about a key.
   */
  find(hash: string): Promise<ServiceKey | null>

  /** All keys, by name. */
  list(): Promise<ServiceKey[]>

  /** Removes a key: every instance refuses it from then on. False if there is none of this name. */
  revoke(name: string): Promise<boolean>
}
