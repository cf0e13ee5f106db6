import { Signer } from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { type CookieOptions, sessionCookie } from '../../src/fastify/cookie.ts'
import { exchange, request } from '../support/raw.ts'
import { startService } from '../support/service.ts'

const service = await startService(t, 'sqlite')
await service.register('ann')
await service.register('bob')
const { url } = service

async function cookieOf(username: string): Promise<string> {
  const browser = service.browser()
  await browser.login(username)
  return browser.jar.get('oneseat') ?? ''
}
const ann = await cookieOf('ann')
const bob = await cookieOf('bob')

async function withCookie(header: string, line = 'GET /me') {
  const [answer] = (await exchange(url, Buffer.from(request(line, [`Cookie: ${header}`]), 'latin1')))
    .answers
  return answer
}

t.test('A 7.2.1, V-18: a cookie that was changed anywhere is nobody', async (t) => {
  t.match(await withCookie(`oneseat=${ann}`), { status: 200, body: { user: { username: 'ann' } } })
  t.match(ann, /^[\w-]{16}\.[\w-]{43}$/, 'a handle and a secret of 256 bits')
  const [handle = '', secret = ''] = ann.split('.')
  const [handleOfBob = '', secretOfBob = ''] = bob.split('.')
  for (const value of [
    '',
    '.',
    '..',
    handle,
    secret,
    `${handle}.`,
    `.${secret}`,
    `${secret}.${handle}`,
    `${handle}${secret}.`,
    `${ann}=`,
    `${ann}A`,
    `${ann}.`,
    `${ann} x`,
    ann.slice(0, -1),
    ann.slice(1),
    `x${ann}`,
    ann.toUpperCase(),
    `${handleOfBob}.${secret}`,
    `${handle}.${secretOfBob}`,
    'é'.repeat(20),
    'x'.repeat(60),
    '%',
    '%00',
    '%ff%fe',
    `"${ann}"x`,
  ])
    t.match(
      await withCookie(`oneseat=${value}`),
      { status: 401, body: { code: 'unauthenticated' } },
      value,
    )
  // The last digit of the secret has bits that mean nothing; each way to write them but ours is changed too.
  for (const digit of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=') {
    if (digit === ann.at(-1)) continue
    const answer = await withCookie(`oneseat=${ann.slice(0, -1) + digit}`)
    if (answer?.status !== 401) t.fail(`ends with ${digit}: ${answer?.status}`)
  }
  for (let i = 0; i < ann.length; i++) {
    const changed = ann.slice(0, i) + (ann[i] === 'A' ? 'B' : 'A') + ann.slice(i + 1)
    const answer = await withCookie(`oneseat=${changed}`)
    if (answer?.status !== 401) t.fail(`changed at ${i}: ${answer?.status}`)
  }
})

t.test('the value is found wherever it stands among others, and taken exactly', async (t) => {
  for (const header of [
    `oneseat=${ann}`,
    `a=b; oneseat=${ann}`,
    `oneseat=${ann}; a=b`,
    `a=oneseat; oneseat=${ann}; b="oneseat"`,
    `oneseat-device=1; oneseat=${ann}; oneseatx=2; xoneseat=3`,
    `a;\toneseat=${ann} \t; b`,
    `;;oneseat=${ann};`,
    `a=oneseat=x; oneseat=${ann}`,
  ])
    t.match(await withCookie(header), { status: 200, body: { user: { username: 'ann' } } }, header)
  const [handle, secret] = ann.split('.')
  for (const value of [
    `"${ann}"`,
    `'${ann}'`,
    ` ${ann}`,
    `\t${ann}`,
    `${ann}\xa0`,
    `\xa0${ann}`,
    encodeURIComponent(`"${ann}"`),
    `${handle}%2E${secret}`,
    `%${ann.charCodeAt(0).toString(16)}${ann.slice(1)}`,
    `${ann},`,
    `s:${ann}`,
    `j:"${ann}"`,
  ])
    t.equal((await withCookie(`oneseat=${value}`))?.status, 401, JSON.stringify(value))
  t.equal((await withCookie(`oneseat =${ann}`))?.status, 401, 'nor any other spelling of the name')
})

t.test('V-16: two cookies of our name are refused, whatever they are', async (t) => {
  for (const header of [
    `oneseat=${bob}; oneseat=${ann}`,
    `oneseat=${ann};oneseat=${ann}`,
    `oneseat=; a=b; oneseat=${ann}`,
    `oneseat=${ann}; oneseat`,
    `oneseat; oneseat=${ann}`,
    `oneseat=${ann}; oneseat =${bob}`,
    `oneseat\t=${bob}; oneseat=${ann}`,
    `oneseat=${ann};;\toneseat=`,
    `a=b;oneseat=${ann};c=d;oneseat=${bob};e=f`,
  ]) {
    for (const line of ['GET /me', 'POST /login', 'POST /logout'])
      t.match(
        await withCookie(header, line),
        { status: 400, body: { code: 'invalid_request', errors: [{ path: '/headers/cookie' }] } },
        `${line} ${header.slice(0, 12)}`,
      )
  }
  t.equal((await withCookie(`oneseat=${ann}; oneseat2=x; xoneseat=y`))?.status, 200)
  t.equal((await withCookie('oneseat=a; oneseat=b', 'GET /health/live'))?.status, 200, 'nobody asks')
})

t.test('V-15: a name that only looks like ours is not ours', async (t) => {
  for (const header of [
    `\xa0oneseat=${ann}`,
    `\xc2\xa0oneseat=${ann}`,
    `\xe2\x80\x80oneseat=${ann}`,
    `=oneseat=${ann}`,
    `ONESEAT=${ann}`,
    `x="a; oneseat=${ann.slice(0, 10)}"`,
  ])
    t.equal((await withCookie(header))?.status, 401, JSON.stringify(header.slice(0, 14)))
})

t.test('V-13: a cookie named like a part of every object harms nothing', async (t) => {
  t.equal((await withCookie(`__proto__=x; constructor=y; oneseat=${ann}`))?.status, 200)
  t.equal(({} as Record<string, unknown>)['x'], undefined)
})

const OPTIONS: CookieOptions = {
  secrets: ['the secret that signs '.repeat(2), 'the secret of before '.repeat(2)],
  name: 'oneseat',
  secure: 'auto',
  sameSite: 'strict',
  domain: null,
}

function readBy(options: Partial<CookieOptions>, value: string): string | null {
  const request = { headers: { cookie: `oneseat=${value}` } } as FastifyRequest
  return sessionCookie({ ...OPTIONS, ...options }).read(request)
}

t.test('a cookie from before the first release counts, if its signature does', async (t) => {
  const [now = '', before = ''] = OPTIONS.secrets
  for (const secret of [now, before]) {
    const signed = new Signer(secret).sign(ann)
    t.equal(readBy({}, signed), ann)
    t.equal(readBy({}, encodeURIComponent(signed)), ann, 'however the client writes its digits')
    for (const forged of [
      `${signed}A`,
      signed.slice(0, -1),
      `${bob}${signed.slice(60)}`,
      `${ann}.`,
      `${ann}%`,
      `${ann}%zz`,
      `${ann}.${'A'.repeat(43)}`,
      `"${signed}"`,
      `${signed}.${'A'.repeat(200)}`,
    ])
      t.equal(readBy({}, forged), null, forged.slice(56))
  }
  const signed = new Signer(before).sign(ann)
  t.equal(readBy({ secrets: [now] }, signed), null, 'once its secret is gone it does not')
  t.equal(
    readBy({ secrets: [now] }, ann),
    ann,
    'today’s have no signature: the store knows their secret',
  )
})

t.test('the name says how the cookie has to come', async (t) => {
  const names = (
    [
      ['auto', null],
      ['true', null],
      ['true', 'example.org'],
      ['auto', 'example.org'],
    ] as const
  ).map(([secure, domain]) => sessionCookie({ ...OPTIONS, secure, domain }).name)
  t.strictSame(names, ['oneseat', '__Host-oneseat', '__Secure-oneseat', 'oneseat'])
})

t.test('attributes are the same for setting and for clearing', async (t) => {
  const http = { protocol: 'http' } as FastifyRequest
  const https = { protocol: 'https' } as FastifyRequest
  const usual = { path: '/', httpOnly: true, sameSite: 'strict' }
  const auto = sessionCookie(OPTIONS)
  t.strictSame(auto.attributes(http), { ...usual, secure: false })
  t.strictSame(auto.attributes(https), { ...usual, secure: true })
  const wide = sessionCookie({ ...OPTIONS, secure: 'true', sameSite: 'lax', domain: 'example.org' })
  const expected = { ...usual, sameSite: 'lax', secure: true, domain: 'example.org' }
  t.strictSame(wide.attributes(http), expected)
  const session = { expiresAt: 1_800_000_060_400, lastSeenAt: 1_800_000_000_000 }
  const issued = { session } as Parameters<typeof wide.attributesFor>[1]
  t.strictSame(wide.attributesFor(http, issued), {
    ...expected,
    expires: new Date(1_800_000_060_400),
    maxAge: 60,
  })
  const over = { session: { expiresAt: 1_000, lastSeenAt: 1_000 } } as typeof issued
  t.equal(wide.attributesFor(http, over).maxAge, 1, '0 would remove it')
})
