import { type AuthAudit, type AuthAuditResult, NOT_GIVEN } from './audit.ts'

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

/** Results as text: what is wrong first, a line for each; what was skipped in a line for each reason; then how many there are of each status. */
export function authAuditReport(results: readonly AuthAuditResult[]): string {
  const of = (status: AuthAuditResult['status']): readonly AuthAuditResult[] =>
    results.filter((result) => result.status === status)
  const width = Math.max(0, ...results.map(({ id }) => id.length))
  const line = ({ status, id, name, reason }: AuthAuditResult): string =>
    `${status.padEnd(5)}  ${id.padEnd(width)}  ${name}: ${reason}`
  return [
    ...[...of('error'), ...of('warn')].map(line),
    ...skippedIn(of('skip')),
    ...of('ok').map(line),
    STATUSES.map((status) => `${of(status).length} ${status}`).join(', '),
  ].join('\n')
}

function skippedIn(results: readonly AuthAuditResult[]): readonly string[] {
  const ids = new Map<string, string[]>()
  for (const { id, reason } of results) ids.set(reason, [...(ids.get(reason) ?? []), id])
  const reasons = [...ids.keys()]
  const options = reasons.filter((reason) => reason.startsWith(NOT_GIVEN))
  return [
    ...reasons
      .filter((reason) => !options.includes(reason))
      .map((reason) => `skip   ${reason}: ${ids.get(reason)?.join(', ')}`),
    ...(options.length === 0
      ? []
      : [`skip   you could also give: ${options.map((one) => one.slice(NOT_GIVEN.length)).join(', ')}`]),
  ]
}

const STATUSES = ['error', 'warn', 'skip', 'ok'] as const
