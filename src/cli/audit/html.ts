import { createHash } from 'node:crypto'
import { type AuditEntry, EFFECTS } from '../../graphql/audit/entry.ts'
import { countsInWords, countsOf, type NamedReport, sourcesInWords, wayInWords } from './named-report.ts'
import { SCRIPT, STYLE } from './page.ts'

/**
 * The report as one page that asks nobody for anything: a policy of its own forbids all requests, and all scripts but its own, by hash. The rows are
 * there without the script as well, which only searches and filters them.
 */
export function asHtml(report: NamedReport): string {
  const counts = countsOf(report)
  const files = report.files.map((file) => `<code>${escaped(file)}</code>`).join(', ')
  const boxes = EFFECTS.map(
    (effect) =>
      `<label><input type="checkbox" name="effect" value="${effect}" checked> <span class="${effect}">${effect}</span> ${counts[effect]}</label>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${hashOf(STYLE)}'; script-src '${hashOf(SCRIPT)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Who may have what: ${escaped(report.files.join(', '))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Who may have what</h1>
<p>${files}, default policy <code>${report.defaultPolicy}</code>: ${countsInWords(report)}.</p>
${list(
  'Warnings',
  report.warnings.map(
    ({ coordinate, message }) => `<code>${escaped(coordinate)}</code>: ${escaped(message)}`,
  ),
)}
${list('Notes', report.notes.map(escaped))}
<form role="search" hidden>
<input type="search" name="q" aria-label="Search coordinates, rules and ways" placeholder="Search (press /)" autocomplete="off" spellcheck="false">
<fieldset><legend>Effect</legend>${boxes.join('')}</fieldset>
<label><input type="checkbox" name="reach"> only what anyone can reach</label>
<output aria-live="polite"></output>
</form>
<table>
<thead><tr><th scope="col">Coordinate</th><th scope="col">Effect</th><th scope="col">Rule</th><th scope="col">From</th><th scope="col">Anyone gets there</th></tr></thead>
<tbody>
${report.entries.map(row).join('\n')}
</tbody>
</table>
<script>${SCRIPT}</script>
</body>
</html>
`
}

function row(entry: AuditEntry): string {
  const reach = entry.path === null ? '' : ' data-reach'
  const cells = [
    `<td><code>${escaped(entry.coordinate)}</code></td>`,
    `<td class="effect ${entry.effect}">${entry.effect}</td>`,
    `<td>${escaped(entry.rule)}</td>`,
    `<td data-says="from">${escaped(sourcesInWords(entry))}</td>`,
    `<td>${escaped(wayInWords(entry, 'directly'))}</td>`,
  ]
  return `<tr data-effect="${entry.effect}"${reach}>${cells.join('')}</tr>`
}

function list(title: string, items: readonly string[]): string {
  if (items.length === 0) return ''
  const inner = items.map((item) => `<li>${item}</li>`).join('\n')
  return `<details${items.length > 10 ? '' : ' open'}><summary>${title} (${items.length})</summary>\n<ul>\n${inner}\n</ul></details>`
}

/** Names of files and of scopes may be made of any sign. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
