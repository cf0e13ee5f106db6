import { Signer } from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../../src/errors.ts'
import { sessionCookie } from '../../src/http/cookie.ts'
import { deviceCookie } from '../../src/http/device-cookie.ts'
import { parseJson } from '../../src/http/json.ts'
import { networkOf } from '../../src/throttle/network.ts'

/** Something that reads what strangers send. `run` throws when it does what it never should. */
export type Target = { name: string; seeds: string[]; run: (bytes: Buffer) => void }

const SECRETS = ['the secret of the fuzzer, long enough']
const cookie = sessionCookie(SECRETS, 'auto')
const device = deviceCookie(
  SECRETS,
  cookie,
  (size) => Buffer.alloc(size, 7),
  () => 1_800_000_000_000,
)
const token = `${'h'.repeat(16)}.${'s'.repeat(43)}`
const signed = new Signer([...SECRETS]).sign(token)

/** All of them, each with inputs to begin with. */
export const TARGETS: Target[] = [
  {
    name: 'bodies',
    seeds: [
      '{"username":"ann","password":"x","device":null}',
      '[1e3,{"a":[true,"\\ud83d\\ude00"]}]',
      '{"a":{"a":1}}',
    ],
    run(bytes) {
      const value = refusedOr(() => parseJson(bytes), 'malformed_json')
      if (value === REFUSED) return
      const again = JSON.stringify(JSON.parse(bytes.toString('utf8')))
      if (JSON.stringify(value) !== again) throw new Error('read otherwise than JSON.parse reads it')
      if (/"__proto__":/.test(again)) throw new Error('a poisoned name got through')
    },
  },
  {
    name: 'session cookies',
    seeds: [
      `oneseat=${encodeURIComponent(signed)}`,
      `a=b; oneseat=${signed}; c="d"`,
      'oneseat=x; oneseat=y',
    ],
    run(bytes) {
      const header = bytes.toString('latin1')
      const proof = refusedOr(() => cookie.read(requestWith(header)), 'invalid_request')
      if (proof === REFUSED || proof === null) return
      if (!decodeLoosely(header).includes(signed)) throw new Error('believed what was not signed')
    },
  },
  {
    name: 'device cookies',
    seeds: [`1.${'A'.repeat(16)}.abcdefgh.${'B'.repeat(43)}`, '1.2.3.4'],
    run(bytes) {
      const request = {
        cookies: { 'oneseat-device': bytes.toString('latin1') },
      } as unknown as FastifyRequest
      if (device.read(request, 'ann') !== null) throw new Error('believed what was not signed')
    },
  },
  {
    name: 'addresses',
    seeds: ['203.0.113.7', '::ffff:203.0.113.7', '2001:db8::1%eth0'],
    run(bytes) {
      if (!/^(unknown|[\d.]+|[\da-f:]+::\/64)$/.test(networkOf(bytes.toString('latin1'))))
        throw new Error('no key')
    },
  },
]

const REFUSED = Symbol('refused')

function refusedOr<T>(work: () => T, code: string): T | typeof REFUSED {
  try {
    return work()
  } catch (error) {
    if (error instanceof Refusal && error.code === code) return REFUSED
    throw error
  }
}

function requestWith(header: string): FastifyRequest {
  return { headers: { cookie: header } } as unknown as FastifyRequest
}

function decodeLoosely(text: string): string {
  return text.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
