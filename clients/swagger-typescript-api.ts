import { type Connect, PASSWORD } from './device.ts'
import { Api } from './generated/swagger-typescript-api.ts'

export const connect: Connect = (baseUrl, customFetch, username) => {
  const api = new Api({ baseUrl, customFetch })
  return {
    async register() {
      const answer = await api.register.register({ username, password: PASSWORD })
      if (!answer.ok) throw new Error(answer.error.code)
    },
    async login(device) {
      const answer = await api.login.login({ username, password: PASSWORD, device })
      if (!answer.ok) throw new Error(answer.error.code)
    },
    async sessions() {
      const answer = await api.me.listMySessions()
      if (!answer.ok) throw new Error(answer.error.code)
      return answer.data.sessions
    },
    async kick(id) {
      const answer = await api.me.endMySession(id)
      if (!answer.ok) throw new Error(answer.error.code)
    },
    async whoAmI() {
      const answer = await api.me.me()
      if (answer.ok) return `${answer.data.session.device.name}`
      const { error } = answer
      // @ts-expect-error: a misspelt code does not compile
      if (error.code === 'sesion_replaced') return error.code
      // @ts-expect-error: nor does one that this call does not answer
      if (error.code === 'username_taken') return error.code
      if (error.code !== 'session_replaced') return error.code
      return `${error.code} by ${error.replacedBy.device.name} from ${error.replacedBy.ip}`
    },
    async dispute() {
      const answer = await api.sessions.dispute()
      if (!answer.ok) throw new Error(answer.error.code)
    },
    async metrics() {
      const answer = await api.metrics.metrics({ format: 'text' }) // it parses nothing unless told
      return answer.data
    },
  }
}
