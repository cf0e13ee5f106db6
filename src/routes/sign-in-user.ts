import type { Static } from '@sinclair/typebox'
import type { SignInUser } from '../../schemas/user.ts'
import { invalidRequest } from '../errors.ts'
import type { UserData } from '../sessions/record.ts'

type Given = Static<typeof SignInUser>

/** Throws `invalid_request` for limits that the schema cannot express. */
export function checkSignInUser({ id, data = null }: Given): void {
  if (id.length > ID_MAX)
    throw invalidRequest([{ path: '/user/id', message: `must have ${ID_MAX} characters or fewer` }])
  if (data !== null && Buffer.byteLength(JSON.stringify(data)) > DATA_MAX)
    throw invalidRequest([{ path: '/user/data', message: `must be ${DATA_MAX} bytes of JSON or fewer` }])
}

/** The data of a user to store with their sessions; undefined if none is given. */
export function dataToKeep({ name, data }: Given, isExternal: boolean): UserData | undefined {
  const given = {
    ...(isExternal && name !== undefined ? { name } : {}),
    ...(data === undefined ? {} : { data }),
  }
  return Object.keys(given).length === 0 ? undefined : given
}

/** UTF-16 units. JSON Schema counts characters, and some characters are two units. */
const ID_MAX = 128
const DATA_MAX = 1024
