import { announce, anyCookies } from './answer.ts'
import { bareApp } from './bare-app.ts'

/** The yardstick, in one process. */
announce(`${await bareApp().listen({ port: 0, host: '127.0.0.1' })}/me`, anyCookies())
