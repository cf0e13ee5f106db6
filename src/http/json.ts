import { Refusal } from '../errors.ts'

/**
 * Parses a JSON text (RFC 8259) that every parser reads alike. Throws `malformed_json` also for what `JSON.parse` accepts: bytes
 * that are not UTF-8, a byte order mark, lone surrogates, a name given twice in one object, names that would reach a prototype,
 * numbers that are too large, and nesting deeper than any body of ours.
 */
export function parseJson(bytes: Uint8Array): unknown {
  let text: string
  let value: unknown
  try {
    text = UTF_8.decode(bytes)
    value = JSON.parse(text)
  } catch (cause) {
    throw new Refusal('malformed_json', { cause })
  }
  // In valid JSON every colon outside of a string belongs to a member. If two members share a name, there are fewer keys than
  // colons.
  if (countMembers(value, 0) !== text.replace(STRING, '').split(':').length - 1) throw malformed()
  return value
}

/** Counts the members of all objects in `value`. Throws for a string, number or depth that is refused. */
function countMembers(value: unknown, depth: number): number {
  if (typeof value === 'string' && !value.isWellFormed()) throw malformed()
  if (typeof value === 'number' && !Number.isFinite(value)) throw malformed()
  if (typeof value !== 'object' || value === null) return 0
  if (depth === MAX_DEPTH) throw malformed()
  if (Array.isArray(value)) {
    return value.reduce<number>((count, item) => count + countMembers(item, depth + 1), 0)
  }
  let count = 0
  for (const [name, member] of Object.entries(value)) {
    if (POISONOUS.has(name) || !name.isWellFormed()) throw malformed()
    count += 1 + countMembers(member, depth + 1)
  }
  return count
}

function malformed(): Refusal {
  return new Refusal('malformed_json')
}

/** `ignoreBOM` keeps a byte order mark in the text, so that parsing fails: RFC 8259 §8.1 forbids to send one. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const STRING = /"(?:[^"\\]|\\.)*"/g
const POISONOUS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
const MAX_DEPTH = 8
