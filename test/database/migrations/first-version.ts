import Database from 'better-sqlite3'
import { Kysely, PostgresDialect, SqliteDialect, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'
import { openPasswords } from '../../../src/accounts/passwords.ts'
import { PASSWORD } from '../../support/browser.ts'

// Databases and cookies as versions before the first release made them. The cookies and hashes are those of a real run.

/** Two sessions of ann, of which the second replaced the first, and the secret that signed their cookies. */
export const ANN = {
  id: 'b9eIpPXGWW68BXS_',
  handle: 'hVB9KGkIV2pPZDzC',
  replaced: {
    id: 'MqCIIYknchpH',
    cookie:
      'hVB9KGkIV2pPZDzC.RLK3NV-hALtHuqJh_X0F05ymXoCUR7_pkn668sA5KmU.fpLYYgAOl1Ve1GFh1tHJ4yjEHNArHhm/XE9jXNlg8DY',
    hashPrefix: 'BXe9D3E2ApmSt0I5KV6_4w',
  },
  live: {
    id: 'U8N6cDPH9VYM',
    cookie:
      'hVB9KGkIV2pPZDzC.oCp-ZGzUtC2r5LuOn0M8u_BlOTrdJFJ1_qdyYfH2IeM.+3wLgyRp4NFoHficNBsbmMQly35fenLzCqw4MHUfCSU',
    hash: 'sUa_BER_kSEjvPpMiqfl-Te1CPVeAJHadkE_SydiIQM',
  },
} as const
export const SECRET_OF_RUN = 'a secret of the tests that is long enough'

/** What the store has of ann. `stamp` is the name of the server that the record was last confirmed under. */
export function recordOfAnn(now: number, stamp: string): string {
  const [at, idle, end] = [now, now + 30 * 60_000, now + 12 * 3_600_000].map((ms) => ms.toString(36))
  const { id, replaced, live } = ANN
  return [
    ['1', '2', '1', stamp, '', id, CREATED.toString(36), 'ann', 'admin,editor'],
    ['+', live.id, live.hash, '2', at, at, idle, end, '127.0.0.1', '', '', 'curl'],
    [
      ...['-', replaced.id, replaced.hashPrefix, 'session_replaced', at],
      ...[at, live.id, '127.0.0.0/24', '', '', 'curl'],
    ],
  ]
    .map((fields) => fields.join('\t'))
    .join('\n')
}

/** Brings an empty database to where such a version had it, as that version does when it starts. */
export async function migrateAsBefore(db: Kysely<unknown>): Promise<void> {
  const provider = { getMigrations: async () => MIGRATIONS }
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  if (error !== undefined) throw error
}

/** Opens the database at a `DATABASE_URL`. */
export function openRaw(url: string): Kysely<unknown> {
  const dialect = url.startsWith('file:')
    ? new SqliteDialect({ database: new Database(url.replace('file:', '')) })
    : new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) })
  return new Kysely<unknown>({ dialect })
}

/** What such a version left behind: ann, dan who is disabled, and eve who has never signed in; and ann's record, if it was in SQL. */
export async function leaveBehind(
  db: Kysely<unknown>,
  now: number,
  record: string | null,
): Promise<void> {
  await migrateAsBefore(db)
  const passwords = openPasswords({ memoryKib: 8, passes: 1, concurrency: 1, queue: 9 })
  const hash = await passwords.hash(PASSWORD)
  await sql`
    insert into users (id, handle, username, password_hash, credential_epoch, epoch, roles, disabled_at, created_at, last_login_at)
    values (${ANN.id}, ${ANN.handle}, 'ann', ${hash}, 0, 2, '["admin","editor"]', null, ${CREATED}, ${now}),
      ('dan', 'handle-of-dan---', 'dan', ${hash}, 3, 4, '[]', ${now}, ${CREATED}, null),
      ('eve', 'handle-of-eve---', 'évé', ${hash}, 0, 0, '[]', null, ${CREATED}, null)`.execute(db)
  await sql`
    insert into timeline (id, user_id, type, at, session_id, ip, device, by_whom)
    values ('0mwzg1lkr00006077424a', ${ANN.id}, 'registered', ${CREATED}, null, '127.0.0.0/24', null, null),
      ('0mwzg1m6h00030789c7fd', ${ANN.id}, 'login', ${CREATED}, ${ANN.live.id}, '127.0.0.0/24',
        '{"name":null,"os":null,"browser":"curl"}', null)`.execute(db)
  if (record === null) return
  await sql`create table seats (handle text primary key, value text not null, keep_until bigint not null)`.execute(
    db,
  )
  await sql`create index seats_keep_until on seats (keep_until)`.execute(db)
  await sql`insert into seats values (${ANN.handle}, ${record}, ${now + 30 * 86_400_000})`.execute(db)
}

/** When everybody signed up. */
export const CREATED = 1_795_811_909_484

const MIGRATIONS: Record<string, Migration> = {
  '001-users': {
    async up(db) {
      await db.schema
        .createTable('users')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('handle', 'text', (c) => c.notNull().unique())
        .addColumn('username', 'text', (c) => c.notNull().unique())
        .addColumn('password_hash', 'text', (c) => c.notNull())
        .addColumn('credential_epoch', 'bigint', (c) => c.notNull())
        .addColumn('epoch', 'bigint', (c) => c.notNull())
        .addColumn('roles', 'text', (c) => c.notNull())
        .addColumn('disabled_at', 'bigint')
        .addColumn('created_at', 'bigint', (c) => c.notNull())
        .addColumn('last_login_at', 'bigint')
        .execute()
      await db.schema
        .createIndex('users_last_login_at')
        .on('users')
        .columns(['last_login_at', 'id'])
        .execute()
    },
  },
  '002-timeline': {
    async up(db) {
      await db.schema
        .createTable('timeline')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('user_id', 'text', (c) => c.notNull())
        .addColumn('type', 'text', (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('session_id', 'text')
        .addColumn('ip', 'text')
        .addColumn('device', 'text')
        .addColumn('by_whom', 'text')
        .execute()
      await db.schema.createIndex('timeline_user').on('timeline').columns(['user_id', 'id']).execute()
    },
  },
}
