import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import { isSkipped, type Program } from './debian.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where a Chromium is: the one of CHROMIUM_PATH, else an installed one. */
export const CHROMIUM: Program = {
  name: 'Chromium',
  debianPackage: 'chromium',
  tests: 'the tests in a browser',
  variable: 'CHROMIUM_PATH',
  find: () => [process.env.CHROMIUM_PATH ?? '', ...PLACES].find((path) => path !== '' && existsSync(path)),
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
    executablePath: CHROMIUM.find() ?? '',
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
export const SKIP_BROWSER: boolean = isSkipped(CHROMIUM)
