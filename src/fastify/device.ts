import Bowser from 'bowser'
import type { FastifyRequest } from 'fastify'
import type { Device } from '../sessions/record.ts'

/** Describes the device of a login: the display name it sent, and system and browser as its User-Agent names them. */
export function describeDevice(
  request: Pick<FastifyRequest, 'headers'>,
  name: string | undefined,
): Device {
  const agent = request.headers['user-agent']?.slice(0, AGENT_MAX)
  if (agent === undefined || agent === '') return { name: name ?? null, os: null, browser: null }
  const parsed = Bowser.parse(agent)
  return {
    name: name ?? null,
    os: printable(parsed.os.name),
    // Programs such as curl name themselves in the first product of their User-Agent.
    browser: printable(parsed.browser.name) ?? printable(agent.split(/[\s/]/, 1)[0]),
  }
}

function printable(text: string | undefined): string | null {
  const visible = text?.replace(/[^\x20-\x7e]/g, '').slice(0, 32)
  return visible === undefined || visible === '' ? null : visible
}

/** No real User-Agent is longer. The patterns of the parser must not run over more. */
const AGENT_MAX = 512
