import { readFileSync, writeFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { ConfigurationError } from '../core/configuration-error.ts'
import { DEFAULT_POLICIES, type DefaultPolicy } from '../core/settings.ts'
import { audit as auditSchema } from '../graphql/audit/report.ts'
import { compare, comparisonInWords } from './audit/comparison.ts'
import { denialInWords, deniedBy } from './audit/denial.ts'
import { FORMATS, type Format, written } from './audit/formats.ts'
import { asManifest, readManifest } from './audit/manifest.ts'
import { countsInWords, type NamedReport } from './audit/named-report.ts'
import { showProgress } from './audit/progress.ts'
import { readSchemaFiles } from './audit/schema-files.ts'

interface AuditCommandOptions {
  readonly defaultPolicy: DefaultPolicy
  readonly format?: Format
  readonly output?: string
  readonly write?: string
  readonly check?: string
  readonly denyPublic: readonly string[]
}

/** `graphql-authx audit` */
export function auditCommand(): Command {
  return new Command('audit')
    .description(
      'Shows who may have what of a schema, why, and by which way anyone gets there; holds it to a manifest in CI.',
    )
    .argument('<files...>', 'SDL files and patterns of them, or one module that exports a schema')
    .addOption(
      new Option('--default-policy <policy>', 'what createAuthX is given')
        .choices([...DEFAULT_POLICIES])
        .default('public'),
    )
    .addOption(
      new Option(
        '--format <format>',
        'how the report is written; else by the ending of --output, else a table',
      ).choices([...FORMATS]),
    )
    .option('--output <file>', 'write the report to a file')
    .option('--write <manifest>', 'write a manifest to commit')
    .option('--check <manifest>', 'compare with a manifest, and fail where they differ')
    .addOption(
      new Option(
        '--deny-public <pattern>',
        "fail where such a field lets in callers without a token, as 'Mutation.*'; '!Mutation.login' excepts one; may be repeated",
      )
        .argParser((pattern: string, before: readonly string[]) => [...before, pattern])
        .default([], 'none'),
    )
    .addHelpText('after', EXITS)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .action(audit)
}

const EXITS = `
Exit codes: 0 where all is as it should be; 1 where --check finds a difference or --deny-public a field; 2 where the schema, the
manifest or the command line cannot be read, or protect would refuse the schema.
`

async function audit(files: readonly string[], options: AuditCommandOptions): Promise<void> {
  // Also for what is not foreseen: only a check that failed is a 1.
  process.exitCode = 2
  if (options.write !== undefined && options.check !== undefined) {
    throw new ConfigurationError('audit: takes --write or --check, not both: one would make the other pass')
  }
  const progress = showProgress(process.stderr)
  const { schema, notes, isModule } = await readSchemaFiles(files, progress.step)
  const report = auditSchema(schema, {
    defaultPolicy: options.defaultPolicy,
    progress: (done, total) => progress.step(`reading the rules: type ${done} of ${total}`),
  })
  progress.step('writing')
  const named = { ...report, files, notes: [...notes, ...report.notes] }
  const answer = carryOut(options, named)
  progress.end()
  await print(process.stderr, answer.err)
  await print(process.stdout, answer.out)
  process.exitCode = answer.code
  // What a module opened would keep the process waiting.
  if (isModule) process.exit()
}

interface CommandAnswer {
  readonly code: 0 | 1
  readonly out: string
  readonly err: string
}

/** Writes the files that are asked for, and says what is to be said. */
function carryOut(options: AuditCommandOptions, report: NamedReport): CommandAnswer {
  const { write, check, output, format, denyPublic } = options
  const denied = deniedBy(denyPublic, report)
  const difference = check === undefined ? undefined : differenceFrom(check, options, report)
  if (write !== undefined) save('--write', write, asManifest(report))
  const isReportAsked = format !== undefined || output !== undefined
  const isReportShown =
    isReportAsked || (write === undefined && check === undefined && denyPublic.length === 0)
  const text = isReportShown ? written(report, options) : ''
  if (output !== undefined) save('--output', output, text)
  const said = [
    write === undefined
      ? ''
      : `${write}: wrote ${report.entries.length} coordinates: ${countsInWords(report)}.\n`,
    output === undefined ? '' : `${output}: wrote the report.\n`,
    difference === undefined ? '' : `${check} and the schema differ.\n\n${difference}\n`,
    check !== undefined && difference === undefined ? `${check}: the schema is as it says.\n` : '',
    denied.length === 0 ? '' : `${denialInWords(denied)}\n`,
    isReportShown ? '' : warningsInWords(report),
  ].join('')
  const code = difference === undefined && denied.length === 0 ? 0 : 1
  // The report alone, where it is asked for, so that it can be redirected.
  return text !== '' && output === undefined ? { code, out: text, err: said } : { code, out: said, err: '' }
}

/** @throws ConfigurationError naming the option, where nothing can be written there */
function save(option: string, path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    const why = WHY_NOT[(error as NodeJS.ErrnoException).code ?? '']
    if (why === undefined) throw error
    throw new ConfigurationError(`${option} ${path}: ${why}`, { cause: error })
  }
}

const WHY_NOT: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is not there; make it first',
  ENOTDIR: 'what should be its folder is a file; name another path',
  EISDIR: 'is a folder; name a file in it',
  EACCES: 'this user may not write there; name another path',
  EROFS: 'nothing can be written there; name another path',
}

function differenceFrom(path: string, options: AuditCommandOptions, report: NamedReport): string | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    throw new ConfigurationError(`${path}: there is no manifest to read; make one with --write ${path}`)
  }
  const policy = options.defaultPolicy === 'public' ? [] : ['--default-policy', options.defaultPolicy]
  const accept = ['graphql-authx audit', ...report.files.map(quoted), ...policy, '--write', quoted(path)]
  const comparison = compare(readManifest(text, path), report)
  return comparison && comparisonInWords(comparison, accept.join(' '))
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

function warningsInWords({ warnings }: NamedReport): string {
  return warnings.map(({ coordinate, message }) => `warning: ${coordinate}: ${message}\n`).join('')
}

/** Waits until it is written: a pipe takes a long report in parts. */
async function print(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (text === '') return
  await new Promise<void>((written) => {
    // Whoever reads only the beginning, such as head, has what they want.
    stream.once('error', () => written())
    stream.write(text, () => written())
  })
}
