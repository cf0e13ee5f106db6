import t from 'tap'
import { render } from '../../src/mail/render.ts'
import { textOf } from '../../src/mail/texts.ts'

t.test('a name with signs of HTML in it is shown, and is no HTML', async (t) => {
  const username = `<img src=x onerror="alert('1')">&`
  const { subject, text, html } = render(textOf({ type: 'password_reset', username }))
  t.equal(subject, 'Your password was changed')
  t.match(text, `The account ${username} has`)
  t.match(html, 'The account &#60;img src=x onerror=&#34;alert(&#39;1&#39;)&#34;&#62;&#38; has')
  t.notMatch(html, '<img')
})

t.test('a link stands by itself, and without a page the token does', async (t) => {
  const mail = { type: 'confirm_address', username: 'ann' } as const
  const url = 'https://app.example/confirm?a=1&token=abc'
  const linked = render(textOf({ ...mail, link: { token: 'abc', url } }))
  t.match(linked.text, `\n\n${url}\n\n`)
  t.match(linked.html, '<a href="https://app.example/confirm?a=1&#38;token=abc">')
  const bare = render(textOf({ ...mail, link: { token: 'abc', url: null } }))
  t.match(bare.text, '\n\nabc\n\n')
  t.match(bare.html, '<p><code>abc</code></p>')
})
