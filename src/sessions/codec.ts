import {
  type Device,
  END_REASONS,
  type EndedSession,
  type LiveSession,
  type SeatRecord,
} from './record.ts'

/**
 * A record as text: one line for the user, one for each live session (`+`), one for each ended one (`-`); fields are
 * separated by tabs and numbers are in base 36. Short, quick to read, and legible in redis-cli.
 */
export function encodeRecord(record: SeatRecord): string {
  const { holder } = record
  let text = [
    FORMAT,
    number(record.epoch),
    number(record.floor),
    record.confirmedUnder,
    holder.disabled ? 'd' : '',
    holder.id,
    number(holder.createdAt),
    clean(holder.username),
    holder.roles.map((role) => clean(role).replaceAll(',', ' ')).join(','),
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
    number(session.epoch),
    number(session.createdAt),
    number(session.lastSeenAt),
    number(session.idleExpiresAt),
    number(session.expiresAt),
    clean(session.ip),
    ...encodeDevice(session.device),
  ].join('\t')
}

function encodeEnded(session: EndedSession): string {
  const fields = ['-', session.id, session.hashPrefix, session.reason, number(session.at)]
  const by = session.replacedBy
  if (by !== null) fields.push(number(by.at), by.sessionId, clean(by.ip), ...encodeDevice(by.device))
  return fields.join('\t')
}

function encodeDevice(device: Device): string[] {
  return [device.name, device.os, device.browser].map((part) => (part === null ? '' : clean(part)))
}

/** The record that `text` holds, or null when it is not one: then it is to be treated as gone. */
export function decodeRecord(text: string): SeatRecord | null {
  const lines = text.split('\n')
  const head = (lines[0] ?? '').split('\t')
  if (head.length !== 9 || head[0] !== FORMAT) return null
  const [, epoch, floor, confirmedUnder, flags, id, createdAt, username, roles] = head as Fields<9>
  const live: LiveSession[] = []
  const ended: EndedSession[] = []
  for (let i = 1; i < lines.length; i++) {
    const fields = (lines[i] ?? '').split('\t')
    if (fields[0] === '+' && fields.length === 12) live.push(decodeLive(fields as Fields<12>))
    else if (fields[0] === '-' && (fields.length === 5 || fields.length === 11))
      ended.push(decodeEnded(fields))
    else return null
  }
  const record: SeatRecord = {
    epoch: parse(epoch),
    floor: parse(floor),
    confirmedUnder,
    holder: {
      id,
      username,
      roles: roles === '' ? [] : roles.split(','),
      createdAt: parse(createdAt),
      disabled: flags === 'd',
    },
    live,
    ended,
  }
  return isSound(record) ? record : null
}

function decodeLive(fields: Fields<12>): LiveSession {
  const [
    ,
    id,
    secretHash,
    epoch,
    createdAt,
    lastSeenAt,
    idleExpiresAt,
    expiresAt,
    ip,
    name,
    os,
    browser,
  ] = fields
  return {
    id,
    secretHash,
    epoch: parse(epoch),
    device: decodeDevice(name, os, browser),
    ip,
    createdAt: parse(createdAt),
    lastSeenAt: parse(lastSeenAt),
    idleExpiresAt: parse(idleExpiresAt),
    expiresAt: parse(expiresAt),
  }
}

function decodeEnded(fields: string[]): EndedSession {
  const [, id, hashPrefix, reason, at, byAt, sessionId, ip, name, os, browser] = fields as Fields<11>
  return {
    id,
    hashPrefix,
    reason: reason as EndedSession['reason'],
    at: parse(at),
    replacedBy:
      byAt === undefined
        ? null
        : { sessionId, device: decodeDevice(name, os, browser), ip, at: parse(byAt) },
  }
}

function decodeDevice(name: string, os: string, browser: string): Device {
  return { name: name || null, os: os || null, browser: browser || null }
}

function isSound(record: SeatRecord): boolean {
  if (
    !(record.epoch >= 0 && record.floor >= 0 && record.holder.createdAt >= 0 && record.holder.id !== '')
  )
    return false
  for (const s of record.live) {
    if (!(s.secretHash.length === 43 && s.epoch >= 0 && s.createdAt >= 0 && s.lastSeenAt >= 0))
      return false
    if (!(s.idleExpiresAt >= 0 && s.expiresAt >= 0)) return false
  }
  return record.ended.every(
    (s) =>
      s.at >= 0 && END_REASONS.includes(s.reason) && (s.replacedBy === null || s.replacedBy.at >= 0),
  )
}

/** NaN for anything that is not a whole number in base 36, which `isSound` then refuses. */
function parse(text: string): number {
  return NUMBER.test(text) ? Number.parseInt(text, 36) : Number.NaN
}

function number(value: number): string {
  return Math.round(value).toString(36)
}

/** Names come in validated; this keeps a stray separator from ever shifting a field. */
function clean(text: string): string {
  return text.replace(SEPARATORS, ' ')
}

const FORMAT = '1'
/** As many digits as can be told apart (2^53), which for a time is until the year 117,000. */
const NUMBER = /^[0-9a-z]{1,10}$/
const SEPARATORS = /[\t\n]/g

/** The result of a split whose length was checked, so that every index up to it is a string. */
type Fields<N extends number, T extends string[] = []> = T['length'] extends N
  ? T
  : Fields<N, [...T, string]>
