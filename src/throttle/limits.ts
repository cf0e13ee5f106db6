/** How many attempts within `window` seconds are free. Each further attempt needs a retry slot. */
export type Limit = { free: number; window: number }

/** See docs/security-decisions.md for why these numbers. */
export const LIMITS = {
  /** Wrong passwords for one name, from all unknown devices together. */
  name: { free: 5, window: 3600 },
  /** Wrong passwords of one known device. */
  device: { free: 10, window: 3600 },
  /** Wrong passwords from one network for any name. Known devices have a counter of their own. */
  network: { free: 300, window: 900 },
  /**
   * Wrong service keys from one network. A valid key is never counted or refused for this. Nobody can guess 256 bits; the limit
   * only keeps the log short.
   */
  key: { free: 30, window: 900 },
  /** Attempts to make an account from one network. */
  registration: { free: 100, window: 3600 },
  /** Mails that are asked for from one network. */
  mailNetwork: { free: 30, window: 3600 },
  /**
   * Mails to one name or address that anybody can cause. After the daily limit one mail an hour is sent; a link is valid for an
   * hour.
   */
  mailHour: { free: 3, window: 3600 },
  mailDay: { free: 12, window: 86_400 },
  /** Invalid one-time tokens from one network. */
  token: { free: 100, window: 3600 },
} as const satisfies Record<string, Limit>

/** A blocked client waits `wait` seconds, and then has `tries` attempts within `open` seconds. */
export const RETRY = { wait: 30, open: 30, tries: 2 } as const

/** The longest `Retry-After` of an attempt, seconds. Another mail to the same address may take `mailHour`. */
export const LONGEST_WAIT = RETRY.wait + RETRY.open
