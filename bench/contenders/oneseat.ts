import { readSettings } from '../../src/settings/settings.ts'
import { SECRET, signInCrowd } from '../crowd.ts'
import { announce, CROWD } from './answer.ts'

/** Oneseat itself, started as `src/server.ts` does it, with its crowd in its own store. */
const settings = readSettings({ ...process.env, PORT: '0', SESSION_SECRET: SECRET })
const { startService } = await import('../../src/server.ts')
const { url } = await startService(settings)
const path = settings.DATABASE_URL.slice('file:'.length)
announce(`${url}/me`, await signInCrowd({ users: CROWD, path, redisUrl: settings.REDIS_URL || null }))
