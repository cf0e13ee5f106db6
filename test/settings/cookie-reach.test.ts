import t from 'tap'
import { readSettings, SettingsError } from '../../src/settings/settings.ts'

t.test('where cookies can work, the service starts', async (t) => {
  for (const env of [
    { COOKIE_NAME: 'seat', COOKIE_SAMESITE: 'strict' },
    { COOKIE_DOMAIN: 'example.com', PUBLIC_URL: 'https://api.example.com' },
    { COOKIE_DOMAIN: 'demo.localhost', PUBLIC_URL: 'http://demo.localhost:3000/auth/' },
    { PUBLIC_URL: 'https://api.example.com/auth', ALLOWED_ORIGINS: 'https://app.example.com' },
    { PUBLIC_URL: 'http://localhost:3000', ALLOWED_ORIGINS: 'http://localhost:5173' },
    { COOKIE_DOMAIN: 'api.example.com', ALLOWED_ORIGINS: 'https://app.example.com' },
    { KEEP_ALIVE_TIMEOUT: '5s' },
  ])
    t.ok(readSettings(env), JSON.stringify(env))
})

t.test('what cannot work stops the start, and the setting to change is named', async (t) => {
  for (const [env, message] of [
    [{ COOKIE_NAME: 'a b' }, /^COOKIE_NAME: /],
    [{ COOKIE_NAME: '__Host-seat' }, /^COOKIE_NAME: leave out the prefix/],
    [{ COOKIE_SAMESITE: 'none' }, /^COOKIE_SAMESITE: /],
    [{ COOKIE_DOMAIN: '.example.com' }, /^COOKIE_DOMAIN: .*without a dot in front/],
    [{ COOKIE_DOMAIN: 'https://example.com' }, /^COOKIE_DOMAIN: .*is not a domain/],
    [{ COOKIE_DOMAIN: 'Example.com' }, /^COOKIE_DOMAIN: .*small letters/],
    [{ COOKIE_DOMAIN: '127.0.0.1' }, /^COOKIE_DOMAIN: .*address/],
    [{ COOKIE_DOMAIN: 'co.uk' }, /^COOKIE_DOMAIN: .*nobody's own/],
    [{ COOKIE_DOMAIN: 'localhost' }, /^COOKIE_DOMAIN: .*nobody's own/],
    [
      { COOKIE_DOMAIN: 'example.com', PUBLIC_URL: 'https://example.org' },
      /^COOKIE_DOMAIN: .*example\.org/,
    ],
    [{ COOKIE_DOMAIN: 'ample.com', PUBLIC_URL: 'https://example.com' }, /^COOKIE_DOMAIN: /],
    [{ PUBLIC_URL: 'example.com' }, /^PUBLIC_URL: this URL cannot be used/],
    [{ PUBLIC_URL: 'ftp://example.com' }, /^PUBLIC_URL: /],
    [{ PUBLIC_URL: 'https://example.com/auth?x' }, /^PUBLIC_URL: /],
    [{ PUBLIC_URL: 'http://example.com', COOKIE_SECURE: 'true' }, /^PUBLIC_URL: this is plain HTTP/],
    [
      { PUBLIC_URL: 'https://api.example.com', ALLOWED_ORIGINS: 'https://app.example.org' },
      /^ALLOWED_ORIGINS: https:\/\/app\.example\.org is of another site than https:\/\/api\.example\.com/,
    ],
    [
      { PUBLIC_URL: 'https://api.example.com', ALLOWED_ORIGINS: 'http://app.example.com' },
      /^ALLOWED_ORIGINS: .*another site/,
    ],
    [
      { PUBLIC_URL: 'http://127.0.0.1:3000', ALLOWED_ORIGINS: 'http://localhost:5173' },
      /^ALLOWED_ORIGINS: .*another site/,
    ],
    [
      { COOKIE_DOMAIN: 'example.com', ALLOWED_ORIGINS: 'https://app.example.org' },
      /^ALLOWED_ORIGINS: .*COOKIE_DOMAIN=example\.com/,
    ],
    [{ KEEP_ALIVE_TIMEOUT: '0s' }, /^KEEP_ALIVE_TIMEOUT: /],
  ] as const)
    t.throws(() => readSettings(env), { constructor: SettingsError, message }, JSON.stringify(env))
})
