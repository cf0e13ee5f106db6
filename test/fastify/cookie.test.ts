import t from 'tap'
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
  const plain = decodeURIComponent(ann)
  const [token = '', secret = '', signature = ''] = plain.split('.')
  for (const value of [
    '',
    '.',
    '..',
    token,
    `${token}.${secret}`,
    `${token}.${secret}.`,
    `${token}.${signature}.${secret}`,
    `${plain}=`,
    `${plain}A`,
    `${plain} x`,
    plain.slice(0, -1),
    plain.slice(1),
    `x${plain}`,
    plain.toUpperCase(),
    `${decodeURIComponent(bob).split('.')[0]}.${secret}.${signature}`,
    'é'.repeat(20),
    '%',
    '%00',
    '%ff%fe',
    `"${plain}"x`,
  ])
    t.match(
      await withCookie(`oneseat=${value}`),
      { status: 401, body: { code: 'unauthenticated' } },
      value,
    )
  // The last digit of the signature has bits that mean nothing; each way to write them but ours is changed too.
  for (const digit of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') {
    if (digit === plain.at(-1)) continue
    const answer = await withCookie(`oneseat=${encodeURIComponent(plain.slice(0, -1) + digit)}`)
    if (answer?.status !== 401) t.fail(`ends with ${digit}: ${answer?.status}`)
  }
  for (let i = 0; i < plain.length; i++) {
    const changed = plain.slice(0, i) + (plain[i] === 'A' ? 'B' : 'A') + plain.slice(i + 1)
    const answer = await withCookie(`oneseat=${encodeURIComponent(changed)}`)
    if (answer?.status !== 401) t.fail(`changed at ${i}: ${answer?.status}`)
  }
})

t.test('V-16: two cookies of our name are refused, whatever they are', async (t) => {
  for (const header of [
    `oneseat=${bob}; oneseat=${ann}`,
    `oneseat=${ann};oneseat=${ann}`,
    `oneseat=; a=b; oneseat=${ann}`,
    `oneseat=${ann}; oneseat`,
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
