import type { Browser } from './browser.ts'
import type { Service } from './service.ts'

/** The handle of the user whose session this browser has. */
export function handleOf(browser: Browser): string {
  return cookieOf(browser).split('.', 1)[0] as string
}

/** The value of the session cookie: `<handle>.<secret>`. */
export function cookieOf(browser: Browser): string {
  const value = browser.jar.get('oneseat') ?? browser.jar.get('__Host-oneseat')
  if (value === undefined) throw new Error('this browser has no session cookie')
  return decodeURIComponent(value)
}

/** What the engine keeps under this handle, line by line: the user, then sessions (`+` live, `-` ended). */
export async function storedLines(service: Service, handle: string): Promise<string[]> {
  return (await service.engines.store.read(handle)).text?.split('\n') ?? []
}

/** Puts any text in the place of a record, as a broken disk or another program might. */
export async function overwrite(service: Service, handle: string, text: string): Promise<void> {
  const { store } = service.engines
  const before = await store.read(handle)
  if (!(await store.swap(handle, before, text, store.now() + 86_400_000)))
    throw new Error('the record changed meanwhile')
}

/** How many session records Redis has; 1 where the sessions are not in Redis. The counters of the throttle are not records. */
export async function recordCount({ redis }: Service): Promise<number> {
  if (redis === null) return 1
  const keys = await redis.client.keys('oneseat:*')
  return keys.filter((key) => !/^oneseat:(throttle|ready)/.test(key)).length
}
