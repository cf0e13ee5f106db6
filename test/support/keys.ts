import { randomBytes } from 'node:crypto'
import type { Scope } from '../../src/keys/keys.ts'
import { hashServiceKey, newServiceKey } from '../../src/keys/service-key.ts'
import type { Browser } from './browser.ts'
import type { Service } from './service.ts'

/** Makes a service key, and a client that calls with it. */
export async function backend(
  service: Service,
  name: string,
  scope: Scope,
): Promise<Browser & { key: string }> {
  const key = newServiceKey(randomBytes)
  await service.engines.keys.add({ name, scope, hash: hashServiceKey(key) })
  return Object.assign(service.browser({ authorization: `Bearer ${key}` }), { key })
}
