import type { Loaded } from './fence.ts'
import { hashPrefix } from './record.ts'
import type { Found } from './sessions.ts'
import type { TokenProof } from './token.ts'

/** What a record says of a session at the moment it was loaded; null if it never had it, or has forgotten it. */
export function look(
  { record, ranOut }: Pick<Loaded, 'record' | 'ranOut'>,
  proof: TokenProof,
): Found | null {
  if (record === null) return null
  const { holder } = record
  const session = record.live.find((s) => s.secretHash === proof.secretHash)
  if (session !== undefined) return { state: 'live', session, holder, proof }
  const prefix = hashPrefix(proof.secretHash)
  const ended = record.ended.find((s) => s.hashPrefix === prefix)
  if (ended === undefined) return null
  const noticed = ranOut.every((s) => s.secretHash !== proof.secretHash)
  return { state: 'ended', ended, holder, noticed }
}
