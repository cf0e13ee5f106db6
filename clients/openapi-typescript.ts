import createClient from 'openapi-fetch'
import { type Connect, PASSWORD } from './device.ts'
import type { paths } from './generated/openapi-typescript.ts'

export const connect: Connect = (baseUrl, fetch, username) => {
  const api = createClient<paths>({ baseUrl, fetch })
  return {
    async register() {
      const { error } = await api.POST('/register', { body: { username, password: PASSWORD } })
      if (error) throw new Error(error.code)
    },
    async login(device) {
      const { error } = await api.POST('/login', { body: { username, password: PASSWORD, device } })
      if (error) throw new Error(error.code)
    },
    async sessions() {
      const { data, error } = await api.GET('/me/sessions')
      if (error) throw new Error(error.code)
      return data.sessions
    },
    async kick(id) {
      const { error } = await api.DELETE('/me/sessions/{id}', { params: { path: { id } } })
      if (error) throw new Error(error.code)
    },
    async whoAmI() {
      const { data, error } = await api.GET('/me')
      if (data) return `${data.session.device.name}`
      // @ts-expect-error: a misspelt code does not compile
      if (error.code === 'sesion_replaced') return error.code
      // @ts-expect-error: nor does one that this call does not answer
      if (error.code === 'username_taken') return error.code
      if (error.code !== 'session_replaced') return error.code
      return `${error.code} by ${error.replacedBy.device.name} from ${error.replacedBy.ip}`
    },
    async dispute() {
      const { error } = await api.POST('/sessions/dispute')
      if (error) throw new Error(error.code)
    },
    async metrics() {
      const { data = '' } = await api.GET('/metrics', { parseAs: 'text' }) // what openapi-fetch asks for
      return data
    },
  }
}
