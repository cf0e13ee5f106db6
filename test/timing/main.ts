import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PASSWORD } from '../support/browser.ts'
import { startInstance } from '../support/process.ts'
import { type Kind, shut, timesOf } from './login-times.ts'
import { makePeople } from './people.ts'
import { medianOf, separate } from './statistics.ts'

/**
 * `npm run timing -- SAMPLES`: whether the time of a refused login tells who has an account (ASVS 6.3.8). So many logins of
 * each kind in turn, against the program with its own settings, first without the throttle and then shut out by it; and
 * whether that of a request for a link tells it. Ends with 1 if one kind lies from the first by more than a twentieth of what a login takes, nearly all of which is its hash.
 */
const samples = Number(process.argv[2] ?? 400)
const dir = mkdtempSync(join(tmpdir(), 'oneseat-timing-'))
const env = { DATABASE_URL: `file:${join(dir, 'oneseat.db')}`, TRUST_PROXY: '127.0.0.1' }
await makePeople(join(dir, 'oneseat.db'))

const KINDS: Kind[] = [
  { name: 'unknown user', login: { username: 'nobody', password: PASSWORD } },
  { name: 'wrong password', login: { username: 'ann', password: `${PASSWORD}!` } },
  { name: 'disabled user', login: { username: 'dan', password: PASSWORD } },
  ...[
    ['hash of fewer passes', 'old'],
    ['hash of more passes', 'new'],
    ['imported bcrypt', 'bea'],
    ['imported scrypt', 'sam'],
    ['imported PBKDF2', 'kim'],
  ].map(([name = '', username = '']) => ({ name, login: { username, password: `${PASSWORD}!` } })),
]
const RIGHT: Kind = { name: 'right password', login: { username: 'ann', password: PASSWORD } }

const open = await startInstance({ ...env, THROTTLE: 'off' })
const hashed = await timesOf(open.url, KINDS, samples, 401)
const bound = medianOf([...hashed.values()].flat()) / 20
print(`With a hash; the bound is ${bound.toFixed(2)} ms.`)
report(hashed)

const FORGOTTEN: Kind[] = [
  { name: 'unknown user', login: { username: 'nobody' } },
  { name: 'user with an address', login: { username: 'ann' } },
  { name: 'user without one', login: { username: 'old' } },
]
print('Forgotten passwords.')
report(await timesOf(open.url, FORGOTTEN, samples, 202, '/password/forgot'))
await open.stop()

const throttled = await startInstance(env)
await Promise.all(KINDS.map(({ login }) => shut(throttled.url, login.username)))
print('Shut out by the throttle.')
report(await timesOf(throttled.url, [...KINDS, RIGHT], samples, 429))
await throttled.stop()
rmSync(dir, { recursive: true, force: true })

function report(times: Map<string, number[]>): void {
  const [[, first = []] = []] = times
  for (const [name, own] of times) {
    const { shift, share, p } = separate(first, own)
    const far = Math.abs(shift) > bound
    print(
      `${name}: median ${medianOf(own).toFixed(2)} ms, shift ${shift.toFixed(3)} ms, ` +
        `share ${share.toFixed(3)}, p ${p.toFixed(3)}${far ? ': TOO FAR' : ''}`,
    )
    if (far) process.exitCode = 1
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
