import { Signer } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuseNewName } from '../../src/accounts/name-profile.ts'
import { skeletonOf } from '../../src/accounts/skeleton.ts'
import { canonicalUsername } from '../../src/accounts/username.ts'
import { Refusal } from '../../src/errors.ts'
import { sessionCookie } from '../../src/fastify/cookie.ts'
import { describeDevice } from '../../src/fastify/device.ts'
import { parseJson } from '../../src/http/json.ts'
import { deviceCookie } from '../../src/throttle/device-cookie.ts'
import { networkOf } from '../../src/throttle/network.ts'

/** Something that reads what strangers send. `run` throws when it does what it never should. */
export type Target = { name: string; seeds: string[]; run: (bytes: Buffer) => void | Promise<void> }

const SECRETS = ['the secret of the fuzzer, long enough']
const cookie = sessionCookie({
  ...{ secrets: SECRETS, name: 'oneseat', secure: 'auto', sameSite: 'strict', domain: null },
})
const device = deviceCookie(SECRETS, cookie, () => 1_800_000_000_000)
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  'curl/8.5.0',
]
const token = `${'h'.repeat(16)}.${'s'.repeat(43)}`
const signed = new Signer([...SECRETS]).sign(token)

/** The parsers, each with inputs to begin with. */
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
      `oneseat=${token}`,
      `a="b;oneseat=${token}"; x;\toneseat =y`,
      `oneseat=${encodeURIComponent(signed)}`,
      `a=b; oneseat=${signed}; c="d"`,
      'oneseat=x; oneseat=y',
    ],
    run(bytes) {
      const header = bytes.toString('latin1')
      const value = refusedOr(() => cookie.read(requestWith(header)), 'invalid_request')
      if (value === REFUSED || value === null) return
      const asItStands = header.split(';').map((pair) => pair.replace(/^[ \t]+|[ \t]+$/g, ''))
      if (asItStands.filter((pair) => pair === `oneseat=${value}`).length === 1) return
      if (value !== token || !decodeLoosely(header).includes(signed))
        throw new Error('believed what was not signed')
    },
  },
  {
    name: 'device cookies',
    seeds: [await remembered('ann'), await remembered('bob'), '2.1.3.4.5'],
    async run(bytes) {
      const value = bytes.toString('latin1')
      const request = { cookies: { 'oneseat-device': value } } as unknown as FastifyRequest
      const known = await device.recognise(request, 'ann', async (username) => accountOf(username))
      if (known !== null && value !== (await remembered('ann')))
        throw new Error('believed what was not signed')
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
  {
    name: 'usernames',
    seeds: ['ann', 'Zo\xc3\xab', '\xef\xbc\xa1nn', '\xef\xb7\xba', 'a\xe2\x80\x8bb'],
    run(bytes) {
      const name = canonicalUsername(bytes.toString('utf8'))
      if (name === null) return
      if (canonicalUsername(name) !== name) throw new Error('has a form beyond its last form')
      if ([...name].length > 254 || /[\s\p{C}]/u.test(name)) throw new Error('is no name')
      if (refuseNewName(name) === null && skeletonOf(name) === '') throw new Error('looks like nothing')
    },
  },
  {
    name: 'user agents',
    seeds: agents,
    run(bytes) {
      const headers = { 'user-agent': bytes.toString('latin1') }
      const { os, browser } = describeDevice({ headers } as unknown as FastifyRequest, undefined)
      for (const text of [os, browser])
        if (text !== null && !/^[\x20-\x7e]{1,32}$/.test(text)) throw new Error('is not printable')
    },
  },
]

/** The cookie that a device gets of us for this user. */
async function remembered(username: string): Promise<string> {
  let given = ''
  const reply = { setCookie: (_name: string, value: string) => (given = value) }
  const request = { cookies: {}, protocol: 'http' } as unknown as FastifyRequest
  device.remember(request, accountOf(username), 1)
  await device.send(request, reply as unknown as FastifyReply)
  return given
}

function accountOf(username: string) {
  return { id: `id of ${username}`, username, credentialNumber: 1 }
}

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
