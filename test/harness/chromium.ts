import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where a Chromium is: the one of CHROMIUM_PATH, else an installed one. */
export function findChromium(): string | undefined {
  return [process.env.CHROMIUM_PATH ?? '', ...PLACES].find((path) => path !== '' && existsSync(path))
}

/** Installs Debian's Chromium, where this is Debian and we are root; says what it did, or why there is none. */
export function ensureChromium(): void {
  if (findChromium() !== undefined) return
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    console.warn('No Chromium found: the tests of GraphiQL are skipped. Install one, or set CHROMIUM_PATH.')
    return
  }
  console.log('No Chromium found: installing the package chromium with apt-get, for the tests of GraphiQL.')
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const run = spawnSync('apt-get', args, { env, encoding: 'utf8' })
    if (run.status !== 0) throw new Error(`apt-get ${args.join(' ')} failed:\n${run.stdout}${run.stderr}`)
  }
}

export interface Browser extends AsyncDisposable {
  readonly context: BrowserContext
  /** What pages asked for that is not on the given origin. */
  readonly foreign: string[]
}

/** A Chromium with an empty profile that may reach one origin and nothing else. */
export async function openBrowser(origin: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'graphql-authx-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium() ?? '',
    headless: true,
    viewport: { width: 1280, height: 800 },
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  const foreign: string[] = []
  await context.route('**/*', (route) => {
    const url = route.request().url()
    if (url.startsWith(origin) || url.startsWith('data:') || url.startsWith('blob:')) return route.continue()
    foreign.push(url)
    return route.abort()
  })
  return {
    context,
    foreign,
    async [Symbol.asyncDispose]() {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

/** Whether a machine's tests may skip what needs Chromium: never in CI. */
export const SKIP_BROWSER: boolean = findChromium() === undefined && process.env.CI === undefined
