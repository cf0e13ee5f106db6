import t from 'tap'
import { ENGINES, startService } from '../support/service.ts'

for (const engine of ENGINES) {
  t.test(
    `password managers are led to the page where a password is changed, if there is one [${engine}]`,
    async (t) => {
      const without = await startService(t, engine)
      const path = '/.well-known/change-password'
      t.match(await without.browser().get(path), { status: 404, body: { code: 'not_found' } })
      const url = 'https://app.example/account/password'
      const service = await startService(t, engine, { env: { CHANGE_PASSWORD_URL: url } })
      const { status, headers, body } = await service.browser().get(path)
      t.equal(status, 302)
      t.equal(headers.get('location'), url)
      t.equal(body, '')
      const env = { CHANGE_PASSWORD_URL: 'https://app.example/passwört/密码' }
      const other = await startService(t, engine, { env })
      const led = await other.browser().get(path)
      t.equal(led.headers.get('location'), 'https://app.example/passw%C3%B6rt/%E5%AF%86%E7%A0%81')
    },
  )
}
