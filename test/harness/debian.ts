import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

/** A program that tests need and that npm does not bring. */
export interface Program {
  /** What it is called in messages. */
  readonly name: string
  /** Debian's package. */
  readonly debianPackage: string
  /** What is skipped without it. */
  readonly tests: string
  /** The variable that says where one is; undefined where it is only looked for where Debian puts it. */
  readonly variable?: string
  find(): string | undefined
}

/** Starts of services that a package would bring about, since each test starts what it needs. */
const POLICY = '/usr/sbin/policy-rc.d'

/** Installs the programs that are missing, all at once, where this is Debian and we are root; says what it did, or what is skipped. */
export function ensurePrograms(programs: readonly Program[]): void {
  const missing = programs.filter(({ find }) => find() === undefined)
  if (missing.length === 0) return
  const canInstall = existsSync('/etc/debian_version') && process.getuid?.() === 0
  for (const { name, debianPackage, tests, variable } of missing) {
    if (canInstall) {
      console.log(`No ${name} found: installing the package ${debianPackage} with apt-get, for ${tests}.`)
    } else {
      console.warn(
        `No ${name} found: ${tests} are skipped. Install ${variable === undefined ? 'it' : `one, or set ${variable}`}.`,
      )
    }
  }
  if (canInstall) install(missing.map(({ debianPackage }) => debianPackage))
}

function install(packages: readonly string[]): void {
  // What is there already is the machine's own policy.
  const keepsQuiet = !existsSync(POLICY)
  if (keepsQuiet) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
      const run = spawnSync('apt-get', args, { env, encoding: 'utf8' })
      if (run.status !== 0) throw new Error(`apt-get ${args.join(' ')} failed:\n${run.stdout}${run.stderr}`)
    }
  } finally {
    if (keepsQuiet) rmSync(POLICY)
  }
}

/** Whether tests of a program are skipped: never in CI. */
export function isSkipped({ find }: Program): boolean {
  return find() === undefined && process.env.CI === undefined
}
