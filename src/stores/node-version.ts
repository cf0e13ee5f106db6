/** Throws if this Node.js is too old. Otherwise SQLite would crash the process without a message. */
export function requireNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return
  throw new Error(`oneseat: needs Node.js 22.18 or later, and this is ${version}.`)
}
