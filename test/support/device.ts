import type { Clock } from '../../src/client/retry.ts'

/** A `fetch` with a cookie jar: what a browser is to the client, or a phone with its own. Several tabs share one. */
export function fetchWithJar(headers: Record<string, string> = {}) {
  const jar = new Map<string, string>()
  const seen: string[] = []
  const send = async (url: string, init: RequestInit): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    seen.push(`${init.method ?? 'GET'} ${new URL(url).pathname}`)
    const response = await fetch(url, {
      ...init,
      headers: { ...headers, ...(init.headers as Record<string, string>), cookie },
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/Max-Age=0/.test(line)) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
  return Object.assign(send, { jar, seen })
}

/** A clock on which every wait takes no time, and is noted. */
export function hastyClock(): Clock & { waits: number[] } {
  let now = Date.parse('2026-11-27T12:00:00Z')
  const waits: number[] = []
  return {
    waits,
    now: () => now,
    async sleep(ms) {
      waits.push(ms)
      now += ms
      await new Promise((done) => setImmediate(done))
    },
    random: () => 0.5,
  }
}
