import { type Connect, PASSWORD } from './device.ts'
import * as api from './generated/orval.ts'

export const connect: Connect = (url, fetch, username) => {
  /** orval's clients call the global `fetch` with a path. */
  function through<T>(call: () => Promise<T>): Promise<T> {
    const { fetch: before } = globalThis
    globalThis.fetch = (path, init) => {
      globalThis.fetch = before
      return fetch(url + path, init)
    }
    return call()
  }
  return {
    async register() {
      const answer = await through(() => api.register({ username, password: PASSWORD }))
      if (answer.status !== 201) throw new Error(answer.data.code)
    },
    async login(device) {
      const answer = await through(() => api.login({ username, password: PASSWORD, device }))
      if (answer.status !== 200) throw new Error(answer.data.code)
    },
    async sessions() {
      const answer = await through(() => api.listMySessions())
      if (answer.status !== 200) throw new Error(answer.data.code)
      return answer.data.sessions
    },
    async kick(id) {
      const answer = await through(() => api.endMySession(id))
      if (answer.status !== 204) throw new Error(answer.data.code)
    },
    async whoAmI() {
      const answer = await through(() => api.me())
      if (answer.status === 200) return `${answer.data.session.device.name}`
      const { data: error } = answer
      // @ts-expect-error: a misspelt code does not compile
      if (error.code === 'sesion_replaced') return error.code
      // @ts-expect-error: nor does one that this call does not answer
      if (error.code === 'username_taken') return error.code
      if (error.code !== 'session_replaced') return error.code
      return `${error.code} by ${error.replacedBy.device.name} from ${error.replacedBy.ip}`
    },
    async dispute() {
      const answer = await through(() => api.dispute())
      if (answer.status !== 202) throw new Error(answer.data.code)
    },
    async metrics() {
      const answer = await through(() => api.metrics())
      return answer.status === 200 ? answer.data : ''
    },
  }
}
