/** What an event has besides its type and user if it was done on the command line. No username has a space in it. */
export const ON_COMMAND_LINE = {
  sessionId: null,
  device: null,
  ip: null,
  by: { device: null, ip: null, user: 'command line' },
} as const
