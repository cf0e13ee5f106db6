import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { KEY_PREFIX } from '../fastify/bearer.ts'
import type { RandomBytes } from '../sessions/token.ts'

/**
 * Makes a service key: `osk_`, 256 random bits, and a checksum. Programs that search for leaked secrets recognise it by prefix
 * and checksum.
 */
export function newServiceKey(random: RandomBytes): string {
  const secret = random(32).toString('base64url')
  return KEY_PREFIX + secret + checksum(secret)
}

/** Whether this has the form of a service key, with the right checksum. Other texts are not looked up. */
export function isServiceKey(text: string): boolean {
  const [, secret = '', sum] = FORM.exec(text) ?? []
  return sum === checksum(secret)
}

/** The hash that is stored of a key. A secret of 256 random bits needs no slow hash. */
export function hashServiceKey(key: string): string {
  return hash('sha256', key, 'base64url')
}

function checksum(secret: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc32(secret))
  return bytes.toString('base64url')
}

const FORM = /^osk_([\w-]{43})([\w-]{6})$/
