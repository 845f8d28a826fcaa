import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildSchema } from 'graphql'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { asHtml } from '../src/cli/audit/html.ts'
import { audit } from '../src/graphql/audit/report.ts'
import { directiveTypeDefs } from '../src/graphql/directives.ts'
import { openBrowser, SKIP_BROWSER } from './harness/chromium.ts'
import { temporaryFolder } from './harness/server.ts'

const SCOPE = `</script><script>document.title='run'</script><img/src=//elsewhere.example/x>`
const SDL = `
  type Query { me: User @auth posts: [Post] hint: Int @optionalToken }
  type Mutation { save(title: String @auth(scopes: ["write"])): Post @auth vote: Int @auth(optional: true) create: User }
  type Post { title: String author: Author secret: Int @auth(scopes: [${JSON.stringify(SCOPE)}]) }
  type Author { name: String email: String @auth(scopes: ["pii"]) }
  type User @auth { name: String }
`

/** A folder for pictures, for who wants to look at the page. */
const { LOOKS } = process.env

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The report as a reader has it: a file, opened. */
function writeReport(): string {
  const report = audit(buildSchema(directiveTypeDefs + SDL), { defaultPolicy: 'public' })
  const path = join(folder, 'report.html')
  writeFileSync(path, asHtml({ ...report, files: ['schema.graphql'] }))
  return pathToFileURL(path).href
}

const shown = (page: Page) =>
  page.$$eval('tbody tr:not([hidden]) td:first-child', (cells) => cells.map((cell) => cell.textContent))

const said = (page: Page) => page.textContent('output')

describe.skipIf(SKIP_BROWSER)('the HTML report in Chromium', { timeout: 300_000 }, () => {
  test('searches, filters, takes the keyboard, keeps its state in the address, and asks nobody for anything', async () => {
    const url = writeReport()
    await using browser = await openBrowser('file://')
    const page = await browser.context.newPage()
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => faults.push(message.text()))
    await page.goto(url)
    expect(await said(page)).toBe('13 of 13')

    await page.keyboard.press('/')
    await page.keyboard.type('author')
    expect(await shown(page)).toEqual(['Author.email', 'Author.name', 'Post.author'])
    await page.keyboard.type(' pii')
    expect([await shown(page), await said(page)]).toEqual([['Author.email'], '1 of 13'])
    await page.keyboard.press('Escape')
    expect(await said(page)).toBe('13 of 13')

    // On from the search with the keyboard alone: the first box is "public".
    await page.keyboard.press('Tab')
    await page.keyboard.press('Space')
    expect(await shown(page)).not.toContain('Query.posts')
    await page.uncheck('[value=guarded]')
    expect(await shown(page)).toEqual(['Mutation.vote', 'Query.hint'])
    await page.check('[value=public]')
    await page.check('[name=reach]')
    expect(await shown(page)).toEqual([
      'Author.name',
      'Mutation.create',
      'Mutation.vote',
      'Post.author',
      'Post.title',
      'Query.hint',
      'Query.posts',
    ])
    await page.fill('[name=q]', 'through query.posts')
    expect(await shown(page)).toEqual(['Author.name', 'Post.author', 'Post.title'])

    const again = await browser.context.newPage()
    await again.goto(page.url())
    expect(await shown(again)).toEqual(['Author.name', 'Post.author', 'Post.title'])
    expect([browser.foreign, faults, await page.title()]).toEqual([
      [],
      [],
      'Who may have what: schema.graphql',
    ])
  })

  test('shows a scope that would be a script as text, and would not run one', async () => {
    const url = writeReport()
    await using browser = await openBrowser('file://')
    const page = await browser.context.newPage()
    await page.goto(url)
    expect(await page.textContent('tr:has-text("Post.secret") td:nth-child(3)')).toBe(
      `access token with ${SCOPE}`,
    )
    await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = "document.title = 'run'"
      document.body.append(script)
      document.body.append(Object.assign(new Image(), { src: 'https://elsewhere.example/x' }))
    })
    expect([await page.title(), browser.foreign]).toEqual(['Who may have what: schema.graphql', []])
  })

  test('is told apart from its ground in the light and in the dark, and fits a telephone', async () => {
    const url = writeReport()
    await using browser = await openBrowser('file://')
    const page = await browser.context.newPage()
    await page.goto(url)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 })
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
        if (LOOKS !== undefined) await page.screenshot({ path: join(LOOKS, `${colorScheme}-${width}.png`) })
      }
      expect(await page.evaluate(worstContrast)).toBeGreaterThanOrEqual(4.5)
    }
  })
})

/** The least contrast of any text of the page to its ground (WCAG 2.2, 1.4.3). */
function worstContrast(): number {
  const parts = (colour: string) => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = parts(colour).map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const ground = luminance(getComputedStyle(document.body).backgroundColor)
  const texts = [...document.querySelectorAll('h1, p, code, td, th, label span, legend, output, summary')]
  return Math.min(
    ...texts.map((text) => {
      const own = luminance(getComputedStyle(text).color)
      return (Math.max(own, ground) + 0.05) / (Math.min(own, ground) + 0.05)
    }),
  )
}
