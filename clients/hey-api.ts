import { type Connect, PASSWORD } from './device.ts'
import { createClient } from './generated/hey-api/client/index.ts'
import * as api from './generated/hey-api/sdk.gen.ts'

export const connect: Connect = (baseUrl, fetch, username) => {
  const client = createClient({ baseUrl, fetch })
  return {
    async register() {
      const { error } = await api.register({ client, body: { username, password: PASSWORD } })
      if (error) throw new Error(error.code)
    },
    async login(device) {
      const { error } = await api.login({ client, body: { username, password: PASSWORD, device } })
      if (error) throw new Error(error.code)
    },
    async sessions() {
      const { data, error } = await api.listMySessions({ client })
      if (error) throw new Error(error.code)
      return data.sessions
    },
    async kick(id) {
      const { error } = await api.endMySession({ client, path: { id } })
      if (error) throw new Error(error.code)
    },
    async whoAmI() {
      const { data, error } = await api.me({ client })
      if (data) return `${data.session.device.name}`
      // @ts-expect-error: a misspelt code does not compile
      if (error.code === 'sesion_replaced') return error.code
      // @ts-expect-error: nor does one that this call does not answer
      if (error.code === 'username_taken') return error.code
      if (error.code !== 'session_replaced') return error.code
      return `${error.code} by ${error.replacedBy.device.name} from ${error.replacedBy.ip}`
    },
    async dispute() {
      const { error } = await api.dispute({ client })
      if (error) throw new Error(error.code)
    },
    async metrics() {
      const { data = '' } = await api.metrics({ client })
      return data
    },
  }
}
