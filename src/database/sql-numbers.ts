import { type Selectable, sql } from 'kysely'
import type {
  Changes,
  ClosedChange,
  Histories,
  History,
  LoginNumbers,
  NumberedUser,
  OpenChange,
  Purpose,
  Raise,
} from '../sessions/numbers.ts'
import { storeUnavailable } from '../sessions/refusal.ts'
import { all, one, type Sql, type Transaction } from './sql.ts'
import { type ChangeRow, coreTables, queriesFor, type UserRow } from './tables.ts'

/** Login numbers, open changes and histories in SQL. */
export type SqlNumbers = {
  numbers: LoginNumbers
  changes: Changes
  /** `leave`: sessions are in the database itself from now on. Gives whether they were elsewhere. */
  histories: Histories & { leave(): Promise<boolean> }
  /** Parts of transactions that also change something else. */
  parts: {
    /** Raises the number of a user, as `LoginNumbers.raise` does. */
    raise(handle: string, raise: Raise, set?: RaiseSet): Transaction<NumberedUser | 'outdated' | null>
    /** Closes changes, and gives those that were not closed before. */
    close(done: readonly ClosedChange[]): Transaction<ClosedChange[]>
  }
}

/** What else to change with the number. `credential`: the password changes. */
export type RaiseSet = {
  roles?: readonly string[] | undefined
  data?: NumberedUser['data'] | undefined
  disabled?: boolean | undefined
  credential?: boolean
  /** Only if the password was not changed after this number. */
  ifCredential?: number | undefined
  deletedAt?: number
}

export function sqlNumbers(db: Sql, newStamp: () => string, prefix = 'oneseat_'): SqlNumbers {
  const queries = queriesFor(db)
  const tables = coreTables(prefix)
  const parts = { raise, close }
  return {
    numbers: { find, raise: (handle, wish) => db.transaction(() => raise(handle, wish)) },
    changes: {
      openOf,
      openFor,
      close: async (done) => {
        await db.transaction(() => close(done))
      },
    },
    histories: { list, open, leave },
    parts,
  }

  async function find(who: Parameters<LoginNumbers['find']>[0]): Promise<NumberedUser | null> {
    const query = queries
      .selectFrom(tables.users)
      .selectAll()
      .select(db.isStandby.as('standby'))
      .where('handle' in who ? 'handle' : 'id', '=', 'handle' in who ? who.handle : who.id)
    const [row] = await db.run(query)
    if (row !== undefined) {
      refuseStandby(row)
      return toUser(row)
    }
    if ('handle' in who || who.create === undefined) return null
    const { id, create } = who
    await db.run(
      queries
        .insertInto(tables.users)
        .values(newUserRow(id, create))
        .onConflict((clash) => clash.column('id').doNothing()),
    )
    return find({ id })
  }

  function* raise(
    handle: string,
    { above, under, purpose, login }: Raise,
    set: RaiseSet = {},
  ): Transaction<NumberedUser | 'outdated' | null> {
    if (under !== null && (yield* one(inUse(under))) === null) return 'outdated'
    const next = sql<number>`case when number < ${above} then ${above} else number end + 1`
    const given = yield* dataOf(handle, login)
    const { roles = login?.roles, data = given, disabled, credential, ifCredential, deletedAt } = set
    const row = yield* one(
      queries
        .updateTable(tables.users)
        .set({
          number: next,
          ...(credential === true ? { credential_number: next } : {}),
          ...(roles === undefined ? {} : { roles: unlessDeleted('roles', JSON.stringify(roles)) }),
          ...(data === undefined
            ? {}
            : { data: unlessDeleted('data', data === null ? null : JSON.stringify(data)) }),
          ...(disabled === undefined ? {} : { disabled: disabled ? 1 : 0 }),
          ...(deletedAt === undefined ? {} : { deleted_at: deletedAt }),
          ...(login === undefined ? {} : { live_until: atLeast(login.expiresAt) }),
        })
        .where('handle', '=', handle)
        .$if(ifCredential !== undefined, (update) =>
          update.where('credential_number', '=', ifCredential ?? 0),
        )
        .returningAll(),
    )
    if (row === null) return null
    yield* all(queries.insertInto(tables.changes).values(newChange(row, purpose)))
    return toUser(row)
  }

  /** The data of a login, undefined if it has none. Members that it does not name stay as they are. */
  function* dataOf(
    handle: string,
    login: Raise['login'],
  ): Transaction<NumberedUser['data'] | undefined> {
    if (login?.dataParts === undefined) return login?.data
    const user = queries.selectFrom(tables.users).select('data').where('handle', '=', handle)
    const row = yield* one(user.$if(db.kind === 'postgres', (select) => select.forUpdate()))
    return { ...JSON.parse(row?.data ?? '{}'), ...login.dataParts }
  }

  /**
   * Locks the history until the number is raised: a transaction that takes another into use has to wait, and then sees the
   * number.
   */
  function inUse({ history, stamp }: History) {
    const found = queries.selectFrom(tables.histories).select('stamp')
    return found.where('history', '=', history).where('stamp', '=', stamp).modifyEnd(db.keepRows)
  }

  function newChange({ id, number }: Pick<UserRow, 'id' | 'number'>, purpose: Purpose) {
    const { kind, sessionId, note } = purpose
    return { user_id: id, number, at: db.now, kind, session_id: sessionId, note }
  }

  async function openOf(userId: string): Promise<OpenChange[]> {
    const query = openChanges().where('user_id', '=', userId).orderBy(`${tables.changes}.number`)
    return (await db.run(query)).map(toChange)
  }

  async function openFor(age: number, limit: number): Promise<OpenChange[]> {
    const query = openChanges().where(ageOf(), '>=', age).orderBy('at')
    return (await db.run(query.orderBy(`${tables.changes}.number`).limit(limit))).map(toChange)
  }

  function openChanges() {
    return queries
      .selectFrom(tables.changes)
      .innerJoin(tables.users, `${tables.users}.id`, `${tables.changes}.user_id`)
      .select(['user_id', `${tables.changes}.number`, 'kind', 'session_id', 'note', 'handle'])
      .select(ageOf().as('age'))
  }

  /** The age of a change. If its time is in the future, the clock was set back, and the change counts as old. */
  function ageOf() {
    return sql<number>`abs(${db.now} - at)`
  }

  function* close(done: readonly ClosedChange[]): Transaction<ClosedChange[]> {
    const closed: ClosedChange[] = []
    for (const change of done) {
      const isIt = queries.deleteFrom(tables.changes).where('user_id', '=', change.userId)
      const gone = yield* all(isIt.where('number', '=', change.number).returning('number'))
      if (gone.length > 0) closed.push(change)
    }
    return closed
  }

  async function list(): Promise<History[]> {
    const rows = await db.run(
      queries.selectFrom(tables.histories).select(['history', 'stamp', db.isStandby.as('standby')]),
    )
    for (const row of rows) refuseStandby(row)
    return rows.map(({ history, stamp }) => ({ history, stamp }))
  }

  async function leave(): Promise<boolean> {
    if ((await list()).length === 0) return false // so that a start needs no right to write
    return (await db.run(queries.deleteFrom(tables.histories).returning('history'))).length > 0
  }

  function open(history: string, parent: string, related: boolean): Promise<string> {
    return db.transaction(function* (): Transaction<string> {
      // Otherwise two transactions at the same time would not see each other, and both histories would stay in use.
      yield* db.lockTable(tables.histories)
      yield* all(
        queries
          .insertInto(tables.histories)
          .values({ history, parent, stamp: newStamp() })
          .onConflict((clash) => clash.column('history').doNothing()),
      )
      const isOther = queries.deleteFrom(tables.histories).where('history', '!=', history)
      yield* all(
        related
          ? isOther.where((eb) => eb.or([eb('history', '=', parent), eb('parent', '=', history)]))
          : isOther,
      )
      const row = yield* one(
        queries.selectFrom(tables.histories).select('stamp').where('history', '=', history),
      )
      if (row === null) throw storeUnavailable(new Error('another history was taken into use'))
      return row.stamp
    })
  }
}

/** Throws `store_unavailable` for an answer of a standby: it may lag, and would confirm sessions that have ended. */
export function refuseStandby({ standby }: { standby: boolean | number }): void {
  if (standby) throw storeUnavailable(new Error('the database is a standby, which may lag'))
}

/** Keeps the value empty for a deleted user. Their number is raised, and the login is then refused. */
function unlessDeleted<T>(column: string, value: T) {
  return sql<T>`case when deleted_at is null then ${value} else ${sql.ref(column)} end`
}

function atLeast(time: number) {
  return sql<number>`case when live_until < ${time} then ${time} else live_until end`
}

/** A user who has never signed in. */
export function newUserRow(id: string, handle: string): UserRow {
  const numbers = { number: 0, credential_number: 0 }
  return {
    id,
    handle,
    ...numbers,
    roles: '[]',
    data: null,
    disabled: 0,
    deleted_at: null,
    live_until: 0,
  }
}

function toUser(row: Selectable<UserRow>): NumberedUser {
  return {
    id: row.id,
    handle: row.handle,
    number: row.number,
    credentialNumber: row.credential_number,
    roles: JSON.parse(row.roles) as string[],
    disabled: row.disabled === 1,
    deleted: row.deleted_at !== null,
    data: row.data === null ? null : (JSON.parse(row.data) as NumberedUser['data']),
  }
}

type OpenChangeRow = Pick<ChangeRow, 'user_id' | 'number' | 'kind' | 'session_id' | 'note'> & {
  handle: string
  age: number
}

function toChange({ user_id, handle, number, kind, session_id, note, age }: OpenChangeRow): OpenChange {
  return { userId: user_id, handle, number, kind, sessionId: session_id, note, age }
}
