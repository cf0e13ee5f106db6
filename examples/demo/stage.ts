import '@fontsource-variable/inter'
import './stage.css'

type Stage = { username: string; password: string; policy: string }

/** Puts the two phones on the page. Each is a host of its own, and so a browser with cookies of its own. */
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

await show()
