import '@fontsource-variable/inter'
import './stage.css'

type Mail = { from: string; to: string; subject: string; text: string }
type Stage = { username: string; password: string; policy: string }

/** Puts the two phones on the page. Each has its own host, and so its own cookies. */
async function show(): Promise<void> {
  const { username, password, policy } = (await (await fetch('/demo')).json()) as Stage
  for (const text of document.querySelectorAll('#password')) text.textContent = password
  for (const phone of document.querySelectorAll('iframe')) {
    const { host = '', device = '', accent = '' } = phone.dataset
    const given = new URLSearchParams({ username, password, device, accent })
    phone.src = `//${host}.${location.host}/#${given}`
  }
  for (const choice of document.querySelectorAll<HTMLInputElement>('#policy input')) {
    choice.checked = choice.value === policy
    choice.addEventListener('change', () => void choose(choice.value))
  }
}

async function choose(policy: string): Promise<void> {
  await fetch('/demo', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ policy }),
  })
}

/** Shows the mails, with the newest one open. Its link opens on the blue phone. */
async function showMails(): Promise<void> {
  const { mails } = (await (await fetch('/demo/mails')).json()) as { mails: Mail[] }
  const box = document.querySelector('#mails div')
  const known = JSON.stringify(mails)
  const before = box?.getAttribute('data-known') ?? null
  if (box === null || known === before) return
  box.setAttribute('data-known', known)
  box.replaceChildren(...mails.toReversed().map(mailElement))
  if (before !== null) box.firstElementChild?.scrollIntoView({ block: 'nearest' })
}

function mailElement({ from, to, subject, text }: Mail, age: number): Element {
  const mail = document.createElement('details')
  mail.open = age === 0
  mail.append(element('summary', [subject]), element('p', [`From ${from} to ${to}`]))
  const parts = text.trim().split(/(https?:\/\/\S+)/)
  const shown = parts.map((part, nth) => {
    if (nth % 2 === 0) return part
    const link = document.createElement('a')
    Object.assign(link, { href: part, target: 'left', textContent: part })
    return link
  })
  mail.append(element('pre', shown))
  return mail
}

function element(name: string, children: (Node | string)[]): Element {
  const made = document.createElement(name)
  made.append(...children)
  return made
}

await show()
setInterval(() => void showMails().catch(() => {}), 1_000)
