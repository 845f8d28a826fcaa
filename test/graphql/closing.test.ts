import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { refuse } from '../../src/core/refusal.ts'
import { CLOSINGS, closing, closingFor } from '../../src/graphql/sockets/closing.ts'

describe('the ways in which a WebSocket is closed', () => {
  test('are those of the table in the docs, in its order', () => {
    const page = readFileSync('docs/subscriptions.md', 'utf8')
    const [, table = ''] = page.split('| code | reason | when |\n|---|---|---|\n')
    const rows = table.split('\n\n')[0]?.split('\n')
    expect(rows).toEqual(
      Object.values(CLOSINGS).map(({ code, reason, when }) => `| ${code} | \`${reason}\` | ${when} |`),
    )
  })

  test('have reasons that the protocol has room for, whatever a client has chosen', () => {
    expect(closing('ID_TAKEN', '$&')).toEqual([4409, 'Subscriber for $& already exists'])
    for (const id of ['x'.repeat(200), 'ä'.repeat(60)]) {
      expect(closing('ID_TAKEN', id)).toEqual([4409, 'Subscriber for <id> already exists'])
    }
    for (const { reason } of Object.values(CLOSINGS)) expect(Buffer.byteLength(reason)).toBeLessThan(124)
  })

  test('say why a token is refused, unless it is not to blame', () => {
    expect(closingFor(refuse('TOKEN_REVOKED'))).toEqual([4403, 'Forbidden: TOKEN_REVOKED'])
    expect(closingFor(refuse('REVOCATION_UNAVAILABLE'))).toEqual([1013, 'Try again later'])
  })
})
