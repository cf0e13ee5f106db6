import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'

/** The validators that hey-api writes for zod load, and take the examples of the bodies and parameters they are for. */
export async function validateExamples(): Promise<void> {
  const { zCredentials, zRegistration, zPasswordChange, zNewUser, zUserChange } = await import(
    './generated/hey-api/zod.gen.ts'
  )
  const { paths } = parse(await readFile(new URL('../openapi.yaml', import.meta.url), 'utf8'))
  const bodyOf = (path: string, method: string) =>
    paths[path][method].requestBody.content['application/json'].example
  zCredentials.parse(bodyOf('/login', 'post'))
  zRegistration.parse(bodyOf('/register', 'post'))
  zPasswordChange.parse(bodyOf('/me/password', 'put'))
  zNewUser.parse(bodyOf('/admin/users', 'post'))
  zUserChange.parse(bodyOf('/admin/users/{id}', 'patch'))
  const { username, password } = bodyOf('/login', 'post')
  for (const device of ['Ännchens 📱', 'کامپیوتر']) zCredentials.parse({ username, password, device })
  assert.equal(zCredentials.safeParse({ username, password, device: 'a\u0000' }).success, false)
  for (const name of ['ann', ' ann\n', 'Ąžuolas@example.org', '李雷'])
    zCredentials.parse({ username: name, password })
  for (const name of ['', 'a b', 'a\u0007b'])
    assert.equal(zCredentials.safeParse({ username: name, password }).success, false)
}
