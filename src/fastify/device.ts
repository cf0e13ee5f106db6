import Bowser from 'bowser'
import type { FastifyRequest } from 'fastify'
import type { Device } from '../sessions/record.ts'

/** What a login says of its device: the name it gives itself, and what its User-Agent tells of system and browser. */
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

/** No real User-Agent is longer; patterns are not to be run over more. */
const AGENT_MAX = 512
