import { Refusal } from '../errors.ts'

/** Makes a look-up that throws `not_found` where `find` gives null. */
export function existing<T>(find: (id: string) => Promise<T | null>): (id: string) => Promise<T> {
  return async (id) => {
    const found = await find(id)
    if (found === null) throw new Refusal('not_found')
    return found
  }
}
