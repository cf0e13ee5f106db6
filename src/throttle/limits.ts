/** How many attempts are free within `window` seconds. After them a client needs a retry slot for each. */
export type Limit = { free: number; window: number }

/** See docs/security-decisions.md for why these numbers. */
export const LIMITS = {
  /** Wrong passwords for one name, from all devices together that have not signed in to it before. */
  name: { free: 5, window: 3600 },
  /** Wrong passwords of one known device. */
  device: { free: 10, window: 3600 },
  /** Wrong passwords from one network for any name. Known devices have a counter of their own. */
  network: { free: 300, window: 900 },
  /**
   * Wrong service keys from one network. A right key is never counted nor refused for the wrong ones of others: nobody can guess
   * 256 bits, so all this saves is the log and its reader.
   */
  key: { free: 30, window: 900 },
  /** New accounts from one network, made or in vain. */
  registration: { free: 100, window: 3600 },
  /** Mails that somebody in one network asks for. */
  mailNetwork: { free: 30, window: 3600 },
  /** Mails to one name or address that strangers can cause; after those of a day one in an hour, for which a link is good. */
  mailHour: { free: 3, window: 3600 },
  mailDay: { free: 12, window: 86_400 },
  /** One-time tokens from one network that were none. */
  token: { free: 100, window: 3600 },
} as const satisfies Record<string, Limit>

/** A blocked client waits `wait` seconds, and has then `tries` attempts within the `open` seconds that follow. */
export const RETRY = { wait: 30, open: 30, tries: 2 } as const

/** Seconds. No attempt is told to wait longer than this; another mail to the same address may take `mailHour`. */
export const LONGEST_WAIT = RETRY.wait + RETRY.open
