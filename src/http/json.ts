import { Refusal } from '../errors.ts'

/**
 * One JSON text (RFC 8259), with no two ways of reading it. Throws `malformed_json` also for what `JSON.parse` lets pass:
 * bytes that are not UTF-8, a byte order mark, lone surrogates, a name given twice in one object, names that would
 * reach a prototype, numbers beyond what a number holds, and nesting deeper than any of our bodies.
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
  // In valid JSON every colon outside a string is a member; members that share a name leave fewer keys than colons.
  if (countMembers(value, 0) !== text.replace(STRING, '').split(':').length - 1) throw malformed()
  return value
}

/** How many members all objects in `value` have together. Throws for any text, number or depth that is not to be taken. */
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

/** `ignoreBOM` keeps a byte order mark in the text, where it is no JSON: RFC 8259 §8.1 says not to send one. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const STRING = /"(?:[^"\\]|\\.)*"/g
const POISONOUS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])
const MAX_DEPTH = 8
