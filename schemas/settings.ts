import { type StaticDecode, Type } from '@sinclair/typebox'

/** Decodes `30m`, `12h`, `1500ms` and the like to milliseconds. */
const Duration = (options: { default: string; description: string }) =>
  Type.Transform(Type.String({ pattern: '^[1-9]\\d{0,8}(ms|s|m|h|d)$', ...options }))
    .Decode((text) => Number.parseInt(text, 10) * (UNITS[text.replace(/\d+/, '')] ?? 1))
    .Encode((ms) => `${ms}ms`)

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Decodes `a, b` to `['a', 'b']`. */
const List = (options: { default: string; description: string; pattern?: string }) =>
  Type.Transform(Type.String(options))
    .Decode((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .Encode((parts) => parts.join(','))

const OneOf = <T extends string[]>(
  values: [...T],
  options: { default: T[number]; description: string },
) =>
  Type.Union(
    values.map((value) => Type.Literal(value)),
    options,
  ) as unknown as import('@sinclair/typebox').TUnsafe<T[number]>

/** A page that takes a one-time token. */
const Link = (what: string) =>
  Type.String({
    default: '',
    pattern: '^(https?://\\S*\\{token\\}\\S*)?$',
    description: `Your page that ${what}, with \`{token}\`, such as \`https://app.example/page#token={token}\`; unset, people get the token alone.`,
  })

/** Every setting: its type, its default as in the environment, and what it does in one sentence. */
export const Settings = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', minLength: 1, description: 'The address to listen on.' }),
  PORT: Type.Integer({
    default: 3000,
    minimum: 0,
    maximum: 65535,
    description: 'The port to listen on; 0 takes any free port.',
  }),
  DATABASE_URL: Type.String({
    default: 'file:./data/oneseat.db',
    pattern: '^(file:.+|postgres(ql)?://.+)$',
    description:
      'Where users are kept: `file:` and the path of a SQLite file, or `postgres://user:password@host:port/database`.',
  }),
  REDIS_URL: Type.String({
    default: '',
    pattern: '^(rediss?(\\+sentinel|\\+cluster)?://.+)?$',
    description:
      'Where sessions are kept: `redis://host:6379`, `redis+sentinel://host:26379,host:26379/master` or `redis+cluster://host:6379,host:6379`, with `rediss` for TLS; unset, they are in the database.',
  }),
  SESSION_SECRET: List({
    default: '',
    description:
      'The key for cookies, 32 characters or more; in a comma list new cookies use the first, and all are accepted. Unset, one is made and kept beside the SQLite file; with PostgreSQL it must be set (`openssl rand -base64 32`).',
  }),
  SESSION_LIMIT: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 1000,
    description: 'How many devices one user may be signed in on.',
  }),
  SESSION_LIMIT_BY_ROLE: List({
    default: '',
    pattern: '^(\\s*[a-z][a-z0-9_-]{0,31}:[1-9]\\d{0,2}\\s*(,|$))*$',
    description:
      'Other limits for roles, such as `admin:3,kiosk:1`; the highest of a user’s roles counts.',
  }),
  ON_LIMIT: OneOf(['replace', 'refuse', 'ask'], {
    default: 'replace',
    description:
      'When every seat is taken: `replace` the oldest login, `refuse` the new one, or `ask` which session to end.',
  }),
  REFUSE_WHILE_SEEN: Duration({
    default: '5m',
    description: 'With `refuse`, a session that was unused for this long is replaced all the same.',
  }),
  IDLE_TIMEOUT: Duration({
    default: '30m',
    description: 'A session ends when it was unused for this long.',
  }),
  ABSOLUTE_TIMEOUT: Duration({
    default: '12h',
    description: 'A session ends this long after its login, used or not.',
  }),
  SIGNUP: OneOf(['open', 'closed'], { default: 'open', description: 'Whether anybody may register.' }),
  ACCOUNTS: OneOf(['built-in', 'external'], {
    default: 'built-in',
    description:
      '`external`: only your own backend signs people in, with `POST /sessions`; there are no passwords here.',
  }),
  COOKIE_SECURE: OneOf(['auto', 'true'], {
    default: 'auto',
    description:
      '`true`: HTTPS only, and the name of the cookie gets the prefix `__Host-`, with a domain `__Secure-`. `auto`: the cookie is `Secure` if the request came over HTTPS.',
  }),
  COOKIE_SAMESITE: OneOf(['lax', 'strict'], {
    default: 'lax',
    description:
      '`lax`: the cookie is sent when a link in a mail or on another site is opened. `strict`: it is not.',
  }),
  COOKIE_DOMAIN: Type.String({
    default: '',
    maxLength: 253,
    description:
      'The cookie is also sent to hosts below this domain, such as `example.com`; unset, only to the host that set it.',
  }),
  COOKIE_NAME: Type.String({
    default: 'oneseat',
    pattern: "^[\\w!#$%&'*+.^`|~-]{1,64}$",
    description: 'The name of the session cookie.',
  }),
  PUBLIC_URL: Type.String({
    default: '',
    maxLength: 2048,
    description:
      'Where clients reach the API, with the path prefix of a proxy, such as `https://example.com/auth`.',
  }),
  TRUST_PROXY: List({
    default: '',
    description: 'Addresses or CIDRs of the proxies whose `X-Forwarded-*` headers are believed.',
  }),
  ALLOWED_ORIGINS: List({
    default: '',
    description:
      'Origins of pages that may call this API, such as `https://app.example`. Not needed for pages of the API’s own origin, except over plain HTTP if that is a host name or belongs to a proxy.',
  }),
  ARGON2_MEMORY_KIB: Type.Integer({
    default: 19456,
    minimum: 8,
    maximum: 4194304,
    description: 'Memory of a password hash, KiB.',
  }),
  ARGON2_PASSES: Type.Integer({
    default: 2,
    minimum: 1,
    maximum: 100,
    description: 'Passes of a password hash.',
  }),
  HASH_CONCURRENCY: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 128,
    description:
      'How many password hashes run at once; 0: one less than the number of cores, at least 1.',
  }),
  TIMELINE_RETENTION: Duration({
    default: '90d',
    description: 'How long the timeline of an account is kept.',
  }),
  THROTTLE: OneOf(['on', 'off'], {
    default: 'on',
    description:
      'Whether many wrong passwords or new accounts slow down further ones; `off` is for load tests only.',
  }),
  KEEP_ALIVE_TIMEOUT: Duration({
    default: '72s',
    description:
      'How long an idle connection stays open. Set it longer than the proxy keeps its idle connections (docs/proxies.md).',
  }),
  KICK_WAR_LIMIT: Type.Integer({
    default: 6,
    minimum: 0,
    maximum: 15,
    description:
      'How often two devices may sign each other out within a minute; then neither can sign in for a minute. 0: no limit, which is also the default with `THROTTLE=off`.',
  }),
  WEBHOOK_URL: Type.String({
    default: '',
    description: 'The URL that gets the events of accounts, signed; unset, nothing is sent.',
  }),
  WEBHOOK_SECRET: Type.String({
    default: '',
    description:
      'The key for signing what is sent to `WEBHOOK_URL`: `whsec_` and 24 to 64 random bytes in base64 (`echo whsec_$(openssl rand -base64 32)`).',
  }),
  MAIL_URL: Type.String({
    default: '',
    pattern: '^(smtps?://\\S+)?$',
    description:
      'The mail server, such as `smtp://user:password@host:587` or `smtps://…`; unset, no mail is sent.',
  }),
  MAIL_FROM: Type.String({
    default: '',
    pattern: '^([^<>\\r\\n]*<[^<>@\\s]+@[^<>@\\s]+>|[^<>@\\s]+@[^<>@\\s]+)?$',
    description:
      'The sender of mails, such as `Example <no-reply@example.org>`; needed with `MAIL_URL`.',
  }),
  RESET_URL: Link('sets another password'),
  CONFIRM_URL: Link('confirms a mail address'),
  INVITE_URL: Link('makes the account of somebody who was invited'),
  CHANGE_PASSWORD_URL: Type.String({
    default: '',
    pattern: '^(https?://[^\\s]+)?$',
    description: 'Your page for changing a password, to which `/.well-known/change-password` redirects.',
  }),
  LOG_LEVEL: OneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'The lowest level of log lines to write.',
  }),
})
export type Settings = StaticDecode<typeof Settings>
