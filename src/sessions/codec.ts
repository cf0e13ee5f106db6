import {
  type Device,
  END_REASONS,
  type EndedSession,
  type LiveSession,
  type SessionRecord,
  type SessionUser,
  type UserData,
} from './record.ts'

/**
 * A record as text: one line for the user, one for each live session (`+`), one for each ended one (`-`). Fields are separated
 * by tabs, and numbers are in base 36. It is short, quick to read, and legible in redis-cli.
 */
export function encodeRecord(record: SessionRecord): string {
  const { id, roles, disabled, data } = record.user
  let text = [
    FORMAT,
    encodeNumber(record.number),
    record.stamp,
    disabled ? 'd' : '',
    JSON.stringify([id, roles, data]), // JSON has no tab and no line end of its own
  ].join('\t')
  for (const session of record.live) text += `\n${encodeLive(session)}`
  for (const session of record.ended) text += `\n${encodeEnded(session)}`
  return text
}

function encodeLive(session: LiveSession): string {
  return [
    '+',
    session.id,
    session.secretHash,
    encodeNumber(session.epoch),
    encodeNumber(session.createdAt),
    encodeNumber(session.lastSeenAt),
    encodeNumber(session.idleExpiresAt),
    encodeNumber(session.expiresAt),
    encodePlace(session),
    ...encodeDevice(session.device),
  ].join('\t')
}

function encodeEnded(session: EndedSession): string {
  const fields = [
    '-',
    session.id,
    session.hashPrefix,
    session.reason,
    encodeNumber(session.at),
    encodeNumber(session.number),
    encodeNumber(session.life),
  ]
  const by = session.replacedBy
  if (by !== null) {
    const seat = [encodePlace(by), ...encodeDevice(by.device)]
    fields.push(encodeNumber(by.at), by.sessionId, ...seat)
  }
  return fields.join('\t')
}

function encodeDevice(device: Device): string[] {
  return [device.name, device.os, device.browser].map((part) => (part === null ? '' : clean(part)))
}

/** The address, followed by the key of the device, if it has one. */
function encodePlace({ ip, deviceKey }: { ip: string; deviceKey?: string | undefined }): string {
  return clean(deviceKey === undefined ? ip : `${ip}#${deviceKey}`)
}

/** Reads a record from `text`; null if it is not a valid record, which callers treat as missing. */
export function decodeRecord(text: string): SessionRecord | null {
  const [first = '', ...lines] = text.split('\n')
  const head = decodeHead(first)
  if (head === null) return null
  const live: LiveSession[] = []
  const ended: EndedSession[] = []
  for (const line of lines) {
    const session = line.startsWith('+') ? decodeLive(line) : null
    const ending = line.startsWith('-') ? decodeEnded(line) : null
    if (session !== null) live.push(session)
    else if (ending !== null) ended.push(ending)
    else return null
  }
  return { ...head, live, ended }
}

type Head = Pick<SessionRecord, 'number' | 'stamp' | 'user'>

/** Reads the line about the user; null if it is not valid. */
export function decodeHead(line: string): Head | null {
  const fields = line.split('\t')
  if (fields[0] === OLD_FORMAT) return decodeOldHead(fields)
  if (fields.length !== 5 || fields[0] !== FORMAT) return null
  const [, digits, stamp, flags, json] = fields as Fields<5>
  const user = decodeUser(json, flags === 'd')
  const number = decodeNumber(digits)
  return user !== null && number >= 0 ? { number, stamp, user } : null
}

function decodeUser(json: string, disabled: boolean): SessionUser | null {
  try {
    const [id, roles, data] = JSON.parse(json) as [string, string[], UserData | null]
    return typeof id === 'string' && Array.isArray(roles)
      ? { id, roles, disabled, data: data ?? null }
      : null
  } catch {
    return null
  }
}

/** Reads a line about a live session; null if it is not valid. */
export function decodeLive(line: string): LiveSession | null {
  const fields = line.split('\t')
  if (fields.length !== 12) return null
  const [, id, secretHash, epoch, createdAt, seenAt, idleAt, expiresAt, place, name, os, browser] =
    fields as Fields<12>
  const session = {
    id,
    secretHash,
    epoch: decodeNumber(epoch),
    device: decodeDevice(name, os, browser),
    ...decodePlace(place),
    createdAt: decodeNumber(createdAt),
    lastSeenAt: decodeNumber(seenAt),
    idleExpiresAt: decodeNumber(idleAt),
    expiresAt: decodeNumber(expiresAt),
  }
  const { epoch: number, createdAt: from, lastSeenAt, idleExpiresAt, expiresAt: until } = session
  // An invalid number is NaN, and NaN is not 0 or more.
  const isSound =
    secretHash.length === 43 && number >= 0 && from >= 0 && lastSeenAt >= 0 && idleExpiresAt >= 0
  return isSound && until >= 0 ? session : null
}

function decodeEnded(line: string): EndedSession | null {
  const fields = line.split('\t')
  // Format 1 had neither the number nor the life.
  if (fields.length === 5 || fields.length === 11) fields.splice(5, 0, '0', '0')
  if (fields.length !== 7 && fields.length !== 13) return null
  const [, id, hashPrefix, reason, at, number, life, byAt, sessionId, place, name, os, browser] =
    fields as Fields<13>
  const session: EndedSession = {
    id,
    hashPrefix,
    reason: reason as EndedSession['reason'],
    at: decodeNumber(at),
    number: decodeNumber(number),
    life: decodeNumber(life),
    replacedBy:
      byAt === undefined
        ? null
        : {
            ...{ sessionId, device: decodeDevice(name, os, browser), at: decodeNumber(byAt) },
            ...decodePlace(place),
          },
  }
  const { at: endedAt, number: under, life: lived } = session
  const isSound = endedAt >= 0 && under >= 0 && lived >= 0 && (session.replacedBy?.at ?? 0) >= 0
  return isSound && END_REASONS.includes(session.reason) ? session : null
}

function decodeDevice(name: string, os: string, browser: string): Device {
  return { name: name || null, os: os || null, browser: browser || null }
}

function decodePlace(text: string): { ip: string; deviceKey?: string } {
  const at = text.lastIndexOf('#')
  const deviceKey = at < 0 ? '' : text.slice(at + 1)
  return deviceKey === '' ? { ip: text } : { ip: text.slice(0, at), deviceKey }
}

/** Reads the line of versions before the first release: users had a name and a time of sign-up, which are in `data` now. */
function decodeOldHead(fields: string[]): Head | null {
  if (fields.length !== 9) return null
  const [, digits, , stamp, flags, id, createdAt, username, roles] = fields as Fields<9>
  const data = { username, createdAt: decodeNumber(createdAt) }
  const number = decodeNumber(digits)
  if (!(number >= 0 && data.createdAt >= 0 && id !== '')) return null
  const user = { id, roles: roles === '' ? [] : roles.split(','), disabled: flags === 'd', data }
  return { number, stamp, user }
}

/** NaN for anything that is not a whole number in base 36. */
function decodeNumber(text: string): number {
  return NUMBER.test(text) ? Number.parseInt(text, 36) : Number.NaN
}

function encodeNumber(value: number): string {
  return Math.round(value).toString(36)
}

/** Removes characters that would break the format: a tab or line end shifts the fields, and PostgreSQL takes no NUL. */
function clean(text: string): string {
  return text.replace(SEPARATORS, ' ').replaceAll('\0', ' ')
}

const FORMAT = '2'
const OLD_FORMAT = '1'
/** As many digits as a number can hold exactly (2^53). Times fit until the year 117,000. */
const NUMBER = /^[0-9a-z]{1,10}$/
const SEPARATORS = /[\t\n]/g

/** The result of a split whose length was checked, so that every index up to it is a string. */
type Fields<N extends number, T extends string[] = []> = T['length'] extends N
  ? T
  : Fields<N, [...T, string]>
