import t from 'tap'
import type { Answer, Browser } from '../support/browser.ts'
import { openScene, resetPassword, type Scene, signIn, stallLogin, standing } from './broken-world.ts'

// A login is told 409 `login_superseded` only if another one has won. Here a login has its number, and before it takes the
// seat something with a higher number happens that is no login.

t.setTimeout(60_000)

t.test('no login, no winner', async (t) => {
  const scene = await openScene(t, {})
  await scene.register('boss', ['admin'])
  const boss = scene.device(0)
  await signIn(boss, 'boss')

  for (const before of ['somebody', 'nobody']) {
    const name = `ann-${before}`
    const id = await scene.register(name)
    const prepare = async () => {
      if (before === 'somebody') await signIn(scene.device(0), name)
    }

    await t.test(`all sessions are ended, with ${before} signed in`, async (t) => {
      await prepare()
      const path = `/admin/users/${id}/sessions`
      const revoke = () => expectDone(boss.request('DELETE', path))
      const { answer, phone } = await signInBeside(scene, name, revoke)
      t.match(answer, { status: 200 }, answer.body.code)
      t.equal(await standing(phone), '200')
    })

    await t.test(`the account is disabled and enabled, with ${before} signed in`, async (t) => {
      await prepare()
      const { answer } = await signInBeside(scene, name, async () => {
        for (const disabled of [true, false])
          await expectDone(boss.request('PATCH', `/admin/users/${id}`, { disabled }))
      })
      t.match(answer.body.code ?? 'signed in', /^(signed in|invalid_credentials)$/)
    })

    await t.test(`the password is set, with ${before} signed in`, async (t) => {
      await prepare()
      const { answer } = await signInBeside(scene, name, () => resetPassword(scene, name))
      t.equal(answer.body.code, 'invalid_credentials')
    })
  }
})

/** Signs in, and has `meanwhile` happen when the login has its number. */
async function signInBeside(
  scene: Scene,
  name: string,
  meanwhile: () => Promise<void>,
): Promise<{ answer: Answer; phone: Browser }> {
  const phone = scene.device(1)
  const { stalled, instance } = stallLogin(scene, 1)
  const signingIn = phone.login(name)
  await stalled
  await meanwhile()
  instance.signal('SIGCONT')
  return { answer: await signingIn, phone }
}

async function expectDone(asked: Promise<Answer>): Promise<void> {
  const { status, body } = await asked
  if (status >= 300) throw new Error(`${status} ${body.code} meanwhile`)
}
