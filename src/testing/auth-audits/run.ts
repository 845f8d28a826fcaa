import type { AuthAudit, AuthAuditResult } from './audit.ts'

/**
 * Runs audits one after another, since they log in and out, and resolves with what each found out.
 *
 * @param onResult called after each
 */
export async function runAuthAudits(
  audits: readonly AuthAudit[],
  onResult?: (result: AuthAuditResult) => void,
): Promise<readonly AuthAuditResult[]> {
  const results: AuthAuditResult[] = []
  for (const audit of audits) {
    const result = await audit.fn()
    results.push(result)
    onResult?.(result)
  }
  return results
}

/** Results as text: a line for each, what is wrong first, then how many there are of each status. */
export function authAuditReport(results: readonly AuthAuditResult[]): string {
  const counts = STATUSES.map(
    (status) => `${results.filter((result) => result.status === status).length} ${status}`,
  )
  const width = Math.max(0, ...results.map(({ id }) => id.length))
  const lines = STATUSES.flatMap((status) =>
    results
      .filter((result) => result.status === status)
      .map(({ id, name, reason }) => `${status.padEnd(5)}  ${id.padEnd(width)}  ${name}: ${reason}`),
  )
  return [...lines, counts.join(', ')].join('\n')
}

const STATUSES = ['error', 'warn', 'skip', 'ok'] as const
