import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ANSWER, announce, anyCookies } from './answer.ts'

/** The floor: node:http and JSON.stringify. */
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json; charset=utf-8')
  response.end(JSON.stringify(ANSWER))
})
server.listen(0, '127.0.0.1', () =>
  announce(`http://127.0.0.1:${(server.address() as AddressInfo).port}/me`, anyCookies()),
)
