import { Browser } from './browser.ts'
import { unlessAnswered } from './check.ts'

/**
 * Has as many devices as asked log in to one account at the same moment, spread over the instances, and says what is
 * wrong then: exactly one of them may be signed in, everywhere, and each of the others must be told why it is not.
 */
export async function burst(
  urls: readonly string[],
  username: string,
  devices = 50,
): Promise<{ wrong: string[]; browsers: Browser[]; winner: Browser | null }> {
  const browsers = Array.from(
    { length: devices },
    (_, i) => new Browser(urls[i % urls.length] as string),
  )
  const answers = await Promise.all(browsers.map((browser) => browser.login(username)))
  const wrong: string[] = []
  const winners = new Set<Browser>()
  for (const [i, browser] of browsers.entries()) {
    const answer = answers[i] as (typeof answers)[number]
    if (answer.status !== 200) {
      wrong.push(...unlessAnswered('a login that lost', answer, 409, 'login_superseded'))
      if (answer.setCookies.length > 0) wrong.push('a login that lost got a cookie')
      continue
    }
    const asked = await Promise.all(urls.map((url) => browser.copy(url).get('/me')))
    if (asked.some(({ status }) => status === 200)) winners.add(browser)
    else
      wrong.push(
        ...asked.flatMap((me) => unlessAnswered('a kicked device', me, 401, 'session_replaced')),
      )
    if (new Set(asked.map(({ status }) => status)).size > 1) wrong.push('the instances disagree')
  }
  if (winners.size > 1) wrong.push('more than one device is signed in')
  if (winners.size === 0) wrong.push('nobody is signed in')
  return { wrong, browsers, winner: [...winners][0] ?? null }
}
