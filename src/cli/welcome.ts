import type { Settings } from '../../schemas/settings.ts'

/** The text of the first start: where the service listens, where the data is, and three commands to try. */
export function welcome(url: string, settings: Settings): string {
  const json = `-H 'content-type: application/json'`
  const body = `-d '{"username":"ann","password":"correct horse battery"}'`
  return `
Oneseat listens on ${url}
Users are in ${settings.DATABASE_URL.startsWith('file:') ? settings.DATABASE_URL : 'PostgreSQL'}, sessions in ${settings.REDIS_URL === '' ? 'the same place' : 'Redis'}.

Nobody has an account yet. Make one, sign in, and ask who you are:

  ${settings.SIGNUP === 'open' ? `curl ${url}/register ${json} ${body}` : 'npm run users -- add ann --role admin'}
  curl ${url}/login ${json} ${body} -c jar
  curl ${url}/me -b jar

`
}
