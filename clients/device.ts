/** One device, as every generated client is asked to be. `fetch` has a cookie jar of its own. */
export interface Device {
  register(): Promise<void>
  login(device: string): Promise<void>
  sessions(): Promise<{ id: string; device: { name: string | null }; current: boolean }[]>
  kick(id: string): Promise<void>
  /** The device that I am signed in on, or why I am not: the code, and by whom a replaced one was replaced. */
  whoAmI(): Promise<string>
  dispute(): Promise<void>
  metrics(): Promise<string>
}

export type Connect = (url: string, fetch: typeof globalThis.fetch, username: string) => Device

export const PASSWORD = 'nine purple lanterns'

/** Keeps the cookies that are set, as a browser would: generated clients leave this to what is below them. */
export function fetchWithJar(): typeof globalThis.fetch {
  const jar = new Map<string, string>()
  return async (input, init) => {
    const request = new Request(input, init)
    const cookies = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    if (cookies !== '') request.headers.set('cookie', cookies)
    const response = await fetch(request)
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = '', attributes = ''] = /^([^=]+)=([^;]*)(.*)$/.exec(line) ?? []
      if (attributes.includes('Max-Age=0')) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }
}
